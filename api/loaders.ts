import DataLoader from 'dataloader';
import { type DataSource, In } from 'typeorm';
import { BranchStatus } from './branch-status/branch-status.entity.ts';
import { MessagePartRow } from './messages/message.entity.ts';
import { WorkspaceOperation } from './operations/operation.entity.ts';
import { Project } from './projects/project.entity.ts';
import { Run } from './runs/run.entity.ts';
import { SetupRun } from './setup/setup-run.entity.ts';
import { User } from './users/user.entity.ts';

/**
 * What lists would otherwise ask row by row, asked once for all rows. Nothing is remembered between batches: a
 * subscription lives long, and must not show what was true at its beginning.
 */
export function createLoaders(dataSource: DataSource, viewerId: string) {
  const { manager } = dataSource;
  const options = { cache: false };
  return {
    project: new DataLoader<number, Project | null>(async (ids) => {
      const found = new Map(
        (await manager.findBy(Project, { id: In([...ids]) })).map((project) => [project.id, project]),
      );
      return ids.map((id) => found.get(id) ?? null);
    }, options),

    user: new DataLoader<string, User | null>(async (ids) => {
      const found = new Map((await manager.findBy(User, { id: In([...ids]) })).map((user) => [user.id, user]));
      return ids.map((id) => found.get(id) ?? null);
    }, options),

    run: new DataLoader<number, Run | null>(async (ids) => {
      const found = new Map((await manager.findBy(Run, { id: In([...ids]) })).map((run) => [run.id, run]));
      return ids.map((id) => found.get(id) ?? null);
    }, options),

    latestRunOfSession: new DataLoader<number, Run | null>(async (keys) => {
      const runs = await manager
        .createQueryBuilder(Run, 'run')
        .where(
          `run.id IN (SELECT latest.id FROM unnest(ARRAY[:...keys]::integer[]) AS session (key)
             CROSS JOIN LATERAL (SELECT id FROM runs WHERE chat_session_id = session.key AND NOT EXISTS
               (SELECT FROM chat_messages WHERE id = runs.prompt_message_id AND rewind_id IS NOT NULL)
             ORDER BY id DESC LIMIT 1) AS latest)`,
          { keys: [...keys] },
        )
        .getMany();
      const found = new Map(runs.map((run) => [run.chatSessionKey, run]));
      return keys.map((key) => found.get(key) ?? null);
    }, options),

    latestOperationOfSession: new DataLoader<number, WorkspaceOperation | null>(async (keys) => {
      const operations = await manager
        .createQueryBuilder(WorkspaceOperation, 'operation')
        .where(
          `operation.id IN (SELECT latest.id FROM unnest(ARRAY[:...keys]::integer[]) AS session (key) CROSS JOIN LATERAL
             (SELECT id FROM workspace_operations WHERE chat_session_id = session.key ORDER BY id DESC LIMIT 1) AS latest)`,
          { keys: [...keys] },
        )
        .getMany();
      const found = new Map(operations.map((operation) => [operation.chatSessionKey, operation]));
      return keys.map((key) => found.get(key) ?? null);
    }, options),

    branchStatusOfSession: new DataLoader<number, BranchStatus | null>(async (keys) => {
      const rows = await manager.findBy(BranchStatus, { chatSessionKey: In([...keys]) });
      const found = new Map(rows.map((row) => [row.chatSessionKey, row]));
      return keys.map((key) => found.get(key) ?? null);
    }, options),

    branchPathsOfSession: new DataLoader<number, Required<Pick<BranchStatus, 'dirtyFiles' | 'conflictPaths'>>>(
      async (keys) => {
        const rows = await manager.find(BranchStatus, {
          where: { chatSessionKey: In([...keys]) },
          select: { chatSessionKey: true, dirtyFiles: true, conflictPaths: true },
        });
        const found = new Map(rows.map((row) => [row.chatSessionKey, row]));
        return keys.map((key) => {
          const { dirtyFiles = [], conflictPaths = [] } = found.get(key) ?? {};
          return { dirtyFiles, conflictPaths };
        });
      },
      options,
    ),

    latestSetupOfSession: new DataLoader<number, SetupRun | null>(async (keys) => {
      const setups = await manager
        .createQueryBuilder(SetupRun, 'setup')
        .where(
          `setup.id IN (SELECT latest.id FROM unnest(ARRAY[:...keys]::integer[]) AS session (key) CROSS JOIN LATERAL
             (SELECT id FROM setup_runs WHERE chat_session_id = session.key ORDER BY id DESC LIMIT 1) AS latest)`,
          { keys: [...keys] },
        )
        .getMany();
      const found = new Map(setups.map((setup) => [setup.chatSessionKey, setup]));
      return keys.map((key) => found.get(key) ?? null);
    }, options),

    unreadOfSession: new DataLoader<number, number>(async (keys) => {
      const rows = (await manager.query(
        `SELECT session.id, session.last_message_number - coalesce(read.last_read_number, 0) - (
           SELECT count(*) FROM chat_messages AS rewound
           WHERE rewound.chat_session_id = session.id AND rewound.rewind_id IS NOT NULL
             AND rewound.number > coalesce(read.last_read_number, 0)
         )::integer AS unread
         FROM chat_sessions AS session
         LEFT JOIN session_reads AS read ON read.session_id = session.id AND read.user_id = $2
         WHERE session.id = ANY ($1)`,
        [keys, viewerId],
      )) as { id: number; unread: number }[];
      const found = new Map(rows.map(({ id, unread }) => [id, unread]));
      return keys.map((key) => Math.max(0, found.get(key) ?? 0));
    }, options),

    undoOfMessage: new DataLoader<number, number | null>(async (ids) => {
      const rows = (await manager.query(
        `SELECT undoes_message_id AS undone, max(id) AS id FROM chat_messages
         WHERE undoes_message_id = ANY ($1) AND rewind_id IS NULL GROUP BY undoes_message_id`,
        [ids],
      )) as { undone: number; id: number }[];
      const found = new Map(rows.map(({ undone, id }) => [undone, id]));
      return ids.map((id) => found.get(id) ?? null);
    }, options),

    partsOfMessage: new DataLoader<number, MessagePartRow[]>(async (ids) => {
      const rows = await manager.find(MessagePartRow, {
        where: { messageId: In([...ids]) },
        order: { messageId: 'ASC', position: 'ASC' },
      });
      const found = new Map<number, MessagePartRow[]>(ids.map((id) => [id, []]));
      for (const row of rows) found.get(row.messageId)?.push(row);
      return ids.map((id) => found.get(id) ?? []);
    }, options),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;
