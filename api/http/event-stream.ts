import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';

/**
 * Like `subscribe` of graphql, with a context of its own for each event: loaders remember what they have read, and an
 * event is told of exactly because that has changed.
 */
export async function subscribeAfresh(
  args: ExecutionArgs,
  makeContext: () => unknown,
): Promise<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult> {
  const source = await createSourceEventStream({ ...args, contextValue: makeContext() });
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const done = { value: undefined, done: true } as const;
  // Written out, since a generator function that waits for its next event cannot be ended before that comes.
  const stream: AsyncGenerator<ExecutionResult, void, void> = {
    async next() {
      const { value, done: isDone } = await events.next();
      if (isDone) return done;
      return { value: await execute({ ...args, rootValue: value, contextValue: makeContext() }), done: false };
    },
    async return() {
      await events.return?.();
      return done;
    },
    async throw(error: unknown) {
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await events.return?.()),
  };
  return stream;
}
