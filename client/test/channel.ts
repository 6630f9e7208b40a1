/** A stream that is fed from outside and read by `subscribe`. */
export function channel<T>(onEnd: () => void): { push(value: T): void; iterator: AsyncIterableIterator<T> } {
  const values: T[] = [];
  const waiting: ((result: IteratorResult<T>) => void)[] = [];
  const end: IteratorResult<T> = { value: undefined, done: true };
  let isOver = false;
  return {
    push(value) {
      const reader = waiting.shift();
      if (reader) reader({ value, done: false });
      else values.push(value);
    },
    iterator: {
      [Symbol.asyncIterator]() {
        return this;
      },
      next() {
        const value = values.shift();
        if (value !== undefined) return Promise.resolve({ value, done: false });
        return isOver ? Promise.resolve(end) : new Promise((resolve) => waiting.push(resolve));
      },
      return() {
        isOver = true;
        onEnd();
        for (const reader of waiting.splice(0)) reader(end);
        return Promise.resolve(end);
      },
    },
  };
}
