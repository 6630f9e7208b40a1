/** A kind of event, known by its name; `T` is what each event of it carries: ids, never rows. */
export interface Topic<T> {
  readonly name: string;
  readonly carries?: T;
}

export function topic<T>(name: string): Topic<T> {
  return { name };
}

/** What a subscriber receives. After `missed`, events may have been lost on the way: read again what you show. */
export type Notice<T> = { kind: 'event'; payload: T } | { kind: 'missed' };
