import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';

type Listener = () => void;

/** What is known of the line to the server. It is not `down` before it was up or has failed once. */
export class Connection {
  private readonly listeners = new Set<Listener>();
  private readonly healed = new Set<Listener>();
  private isDownNow = false;

  subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  isDown = (): boolean => this.isDownNow;

  /** Calls back each time the line is up again after it was down. */
  onHealed(listener: Listener): () => void {
    this.healed.add(listener);
    return () => this.healed.delete(listener);
  }

  lost(): void {
    this.change(true);
  }

  up(): void {
    const hasHealed = this.isDownNow;
    this.change(false);
    if (hasHealed) for (const listener of [...this.healed]) listener();
  }

  private change(isDown: boolean): void {
    if (isDown === this.isDownNow) return;
    this.isDownNow = isDown;
    for (const listener of [...this.listeners]) listener();
  }
}

export const ConnectionContext = createContext(new Connection());

export function useIsOffline(): boolean {
  const connection = useContext(ConnectionContext);
  return useSyncExternalStore(connection.subscribe, connection.isDown);
}

/** What was told while the line was down may have been missed: time to ask again. */
export function useOnHealed(action: Listener): void {
  const connection = useContext(ConnectionContext);
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => connection.onHealed(() => latest.current()), [connection]);
}
