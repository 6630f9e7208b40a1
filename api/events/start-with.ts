/** One value first, then those of the source. Returning from it returns from the source. */
export function startWith<T>(source: AsyncIterableIterator<T>, first: T): AsyncIterableIterator<T> {
  let isFirst = true;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (!isFirst) return source.next();
      isFirst = false;
      return { value: first, done: false };
    },
    async return() {
      isFirst = false;
      await source.return?.();
      return { value: undefined, done: true };
    },
  };
}
