import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { GitError, type GitErrorCode } from '../git/git-error.ts';
import {
  type RunnerQueries,
  type RunnerQueryHandlers,
  type RunnerQueryName,
  RunnerUnreachable,
} from './runner-queries.ts';

const DEADLINE_MS = 30_000;

/** A runner's answer to a question over http: see RunnerServer. */
const failure = z.object({ code: z.string(), message: z.string() });

/** Asks the runner that holds a workspace: in this process where it is here, over http where it is elsewhere. */
export class RunnerClient {
  private local: { runnerId: string; handlers: RunnerQueryHandlers } | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** From now on questions to this runner are answered in this process. */
  answerHere(runnerId: string, handlers: RunnerQueryHandlers): void {
    this.local = { runnerId, handlers };
  }

  /** @throws GitError, as the runner threw it; RunnerUnreachable */
  async ask<Name extends RunnerQueryName>(
    runnerId: string | null,
    name: Name,
    input: RunnerQueries[Name]['input'],
    signal: AbortSignal = AbortSignal.timeout(DEADLINE_MS),
  ): Promise<RunnerQueries[Name]['result']> {
    if (!runnerId) throw new RunnerUnreachable();
    if (this.local?.runnerId === runnerId) return this.local.handlers[name](input, signal);
    const [runner] = (await this.dataSource.query('SELECT address, token FROM runners WHERE id = $1', [runnerId])) as {
      address: string | null;
      token: string | null;
    }[];
    if (!runner?.address || !runner.token) throw new RunnerUnreachable();
    let response: Response;
    try {
      response = await fetch(`${runner.address}/queries/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${runner.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(input),
        signal,
      });
    } catch (cause) {
      throw new RunnerUnreachable({ cause });
    }
    if (response.ok) return (await response.json()) as RunnerQueries[Name]['result'];
    const told = failure.safeParse(await response.json().catch(() => null));
    if (response.status === 422 && told.success) {
      throw new GitError(told.data.code as GitErrorCode, told.data.message);
    }
    throw new RunnerUnreachable({ cause: new Error(`The runner answered ${response.status}.`) });
  }
}
