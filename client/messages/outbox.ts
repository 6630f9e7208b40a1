import { readStored, writeStored } from '../ui/useStored.ts';

export interface OutboxItem {
  clientMutationId: string;
  text: string;
  isSending: boolean;
  /** Why it was not sent. */
  problem?: string;
  /** Whether sending the same again may help. */
  isUnreached?: boolean;
}

const key = (chatSessionId: string) => `kosuke.outbox.${chatSessionId}`;
const EMPTY: readonly OutboxItem[] = [];

/** What was typed and is not known to be stored by the server. Kept over a reload; nothing typed is lost. */
class Outbox {
  private readonly items = new Map<string, readonly OutboxItem[]>();
  private readonly listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  of(chatSessionId: string): readonly OutboxItem[] {
    let items = this.items.get(chatSessionId);
    if (!items) {
      items = stored(chatSessionId);
      this.items.set(chatSessionId, items);
    }
    return items;
  }

  /** Adds an item, or changes the one of the same id. */
  put(chatSessionId: string, item: OutboxItem): void {
    const items = this.of(chatSessionId);
    const isKnown = items.some(({ clientMutationId }) => clientMutationId === item.clientMutationId);
    const same = (one: OutboxItem) => (one.clientMutationId === item.clientMutationId ? item : one);
    this.set(chatSessionId, isKnown ? items.map(same) : [...items, item]);
  }

  remove(chatSessionId: string, clientMutationId: string): void {
    this.set(
      chatSessionId,
      this.of(chatSessionId).filter((item) => item.clientMutationId !== clientMutationId),
    );
  }

  private set(chatSessionId: string, items: readonly OutboxItem[]): void {
    this.items.set(chatSessionId, items);
    writeStored(key(chatSessionId), items.length > 0 ? JSON.stringify(items) : null);
    for (const listener of [...this.listeners]) listener();
  }
}

function stored(chatSessionId: string): readonly OutboxItem[] {
  const text = readStored(key(chatSessionId));
  if (!text) return EMPTY;
  try {
    const items = JSON.parse(text) as OutboxItem[];
    return items.map((item) =>
      item.isSending
        ? { ...item, isSending: false, isUnreached: true, problem: 'The page was closed before the server answered.' }
        : item,
    );
  } catch {
    return EMPTY;
  }
}

export const outbox = new Outbox();
