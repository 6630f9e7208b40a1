/**
 * Each event becomes any number of others. Unlike a generator it can be returned from while it waits for the next
 * event, so a subscriber that leaves frees its place at once.
 */
export function flatMap<A, B>(
  source: AsyncIterableIterator<A>,
  map: (value: A) => Promise<B[]>,
): AsyncIterableIterator<B> {
  const ready: B[] = [];
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (ready.length === 0) {
        const { value, done } = await source.next();
        if (done) return { value: undefined, done: true };
        ready.push(...(await map(value)));
      }
      return { value: ready.shift() as B, done: false };
    },
    async return() {
      ready.length = 0;
      await source.return?.();
      return { value: undefined, done: true };
    },
  };
}
