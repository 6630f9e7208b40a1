import { timingSafeEqual } from 'node:crypto';
import fastify from 'fastify';
import { GitError } from '../git/git-error.ts';
import type { RunnerQueryHandlers } from './runner-queries.ts';

const BODY_BYTES = 1024 * 1024;

export interface RunnerServer {
  /** Where apis reach it: http://127.0.0.1:41234. */
  address: string;
  close(): Promise<void>;
}

export interface RunnerServerOptions {
  host: string;
  port: number;
  /** What an api must send; it reads it from the runner's row. */
  token: string;
  handlers: RunnerQueryHandlers;
  onProblem(error: unknown, query: string): void;
}

/** Answers the questions of apis that run as other processes. */
export async function startRunnerServer(options: RunnerServerOptions): Promise<RunnerServer> {
  const { host, port, token, handlers, onProblem } = options;
  const http = fastify({ bodyLimit: BODY_BYTES, forceCloseConnections: true });
  http.addHook('onRequest', async (request, reply) => {
    if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`)) await reply.code(401).send({});
  });
  http.post<{ Params: { name: string } }>('/queries/:name', async (request, reply) => {
    const { name } = request.params;
    if (!Object.hasOwn(handlers, name)) return reply.code(404).send({});
    const answer = handlers[name as keyof RunnerQueryHandlers] as (input: unknown, signal: AbortSignal) => unknown;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    try {
      return reply.send(JSON.stringify((await answer(request.body, gone.signal)) ?? null));
    } catch (error) {
      if (error instanceof GitError) return reply.code(422).send({ code: error.code, message: error.message });
      onProblem(error, name);
      return reply.code(500).send({});
    }
  });
  return { address: await http.listen({ host, port }), close: () => http.close() };
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
