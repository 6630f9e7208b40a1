import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { programPath } from '../program-path.ts';
import { newProject, newSession, talk } from '../test/conversation.ts';
import { git } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { createTestDatabase, type TestDatabase } from '../test/test-database.ts';
import { type Kit, OWNER_TOKEN, remoteKit } from '../test/testkit.ts';
import { treeBytes } from '../test/tree-bytes.ts';

const PROGRAM = `
  import 'reflect-metadata';
  import { startApp } from '${pathToFileURL(programPath(import.meta.url, '../app.js'))}';
  import { readConfig } from '${pathToFileURL(programPath(import.meta.url, '../config.js'))}';
  const checkpoint = (step) => step === process.env.DIE_AT && process.kill(process.pid, 'SIGKILL');
  const app = await startApp(readConfig(process.env, []), { checkpoint });
  console.log('READY ' + app.url);
`;

let database: TestDatabase;
let dataDir: string;
let running: { kit: Kit; exited: Promise<unknown>; end(): Promise<void> };

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'kosuke-test-data-'));
}, 60_000);

// One that a failed test left running would do the work of the next.
afterEach(() => running?.end(), 60_000);

afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

/** The program, which ends itself as by kill -9 when it comes to a step. */
async function start(dieAt = ''): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    env: {
      PATH: process.env.PATH ?? '',
      ...{ HOST: '127.0.0.1', PORT: '0', DATABASE_URL: database.url, KOSUKE_DATA_DIR: dataDir },
      ...{ KOSUKE_OWNER_TOKEN: OWNER_TOKEN, KOSUKE_LOG_LEVEL: 'error', DIE_AT: dieAt },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.startsWith('READY ') && resolve(line.slice(6)));
    exited.then(() => reject(new Error(`The program ended before it was ready (to die at "${dieAt}").`)));
  });
  const kit = remoteKit(url);
  running = {
    kit,
    exited,
    async end() {
      child.kill('SIGKILL');
      await exited;
      await kit.close();
    },
  };
}

/** Asks for something that the program does not live to answer, or answers first. */
const askAndDie = async (field: string, id: string): Promise<void> => {
  const asked = running.kit.ask(`mutation ($id: ID!) { ${field}(id: $id) { __typename } }`, { id });
  await Promise.all([asked.catch(() => undefined), running.exited]);
  await running.end();
};

const ask = (field: string, id: string) =>
  running.kit.ask(`mutation ($id: ID!) { ${field}(id: $id) { __typename } }`, { id });

const settled = (id: string) =>
  until(async () => {
    const query = 'query ($id: ID!) { chatSession(id: $id) { latestOperation { status errorMessage } } }';
    const { latestOperation } = (await running.kit.ask(query, { id })).chatSession;
    if (latestOperation.status === 'FAILED') throw new Error(latestOperation.errorMessage);
    return latestOperation.status === 'SUCCEEDED';
  });

const status = async (id: string): Promise<string> => {
  const query = 'query ($id: ID!) { chatSession(id: $id) { workspace { status } } }';
  return (await running.kit.ask(query, { id })).chatSession.workspace.status;
};

let projectId: string;

async function sessionWithWork() {
  projectId ??= await newProject(running.kit);
  const session = await newSession(running.kit, projectId);
  await talk(running.kit, session.id, '!echo one > committed.txt');
  const folder = join(dataDir, 'projects', projectId);
  const path = join(folder, 'sessions', session.id);
  await writeFile(join(path, '.gitignore'), '.env\nlocal/\n');
  await writeFile(join(path, '.env'), 'KEY=1');
  await mkdir(join(path, 'local', 'empty'), { recursive: true });
  await writeFile(join(path, 'local', 'notes'), 'notes');
  await symlink('notes', join(path, 'local', 'link'));
  await writeFile(join(path, 'committed.txt'), 'two\n');
  await writeFile(join(path, 'new file'), 'new');
  return { ...session, path, folder, before: await treeBytes(path) };
}

/** Nothing is left of how it came to be so. */
async function expectTidy({ id, folder }: { id: string; folder: string }): Promise<void> {
  for (const parent of ['sessions', 'homes', 'kept']) {
    const names = existsSync(join(folder, parent)) ? await readdir(join(folder, parent)) : [];
    expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
  }
  expect(existsSync(join(folder, 'kept', id))).toBe(false);
  expect(await git(join(folder, 'main'), 'for-each-ref', `refs/kosuke/rescue/${id}/archive`)).toBe('');
  expect(existsSync(join(dataDir, 'quarantine'))).toBe(false);
  await until(async () => (await readdir(join(dataDir, 'trash'))).length === 0);
}

describe('killed in the middle of archiving', () => {
  it.each(['archive: snapshot', 'archive: branch', 'archive: kept', 'archive: freed', 'archive: saved'])(
    'after "%s" it is done at the next start, and every byte comes back',
    async (step) => {
      await start(step);
      const session = await sessionWithWork();
      await askAndDie('archiveChatSession', session.id);
      await start();
      await settled(session.id);
      expect(existsSync(session.path)).toBe(false);
      expect(await status(session.id)).toBe('CLEANED');
      await ask('unarchiveChatSession', session.id);
      await settled(session.id);
      expect(await treeBytes(session.path)).toEqual(session.before);
      await expectTidy(session);
    },
    120_000,
  );
});

describe('killed in the middle of unarchiving', () => {
  it.each([
    'unarchive: made',
    'unarchive: restored',
    'unarchive: files',
    'unarchive: placed',
    'unarchive: forgotten',
    'unarchive: saved',
  ])(
    'after "%s" it is done at the next start, and every byte is back',
    async (step) => {
      await start(step);
      const session = await sessionWithWork();
      await ask('archiveChatSession', session.id);
      await settled(session.id);
      await askAndDie('unarchiveChatSession', session.id);
      await start();
      await settled(session.id);
      expect(await status(session.id)).toBe('READY');
      expect(await treeBytes(session.path)).toEqual(session.before);
      await expectTidy(session);
    },
    120_000,
  );
});

describe('killed in the middle of deleting for good', () => {
  it.each(['purge: directories', 'purge: refs'])(
    'after "%s" nothing of it is left after the next start',
    async (step) => {
      await start(step);
      const session = await sessionWithWork();
      await running.kit.ask('mutation ($id: ID!) { deleteChatSession(id: $id, deleteBranch: true) { __typename } }', {
        id: session.id,
      });
      await askAndDie('purgeChatSession', session.id);
      await start();
      await until(async () => !(await git(join(session.folder, 'main'), 'for-each-ref')).includes(session.id));
      for (const parent of ['sessions', 'homes', 'kept'])
        expect(existsSync(join(session.folder, parent, session.id))).toBe(false);
      await expectTidy(session);
    },
    120_000,
  );

  it('a project is taken apart at the next start', async () => {
    await start('purge: project');
    projectId = await newProject(running.kit);
    const session = await sessionWithWork();
    await ask('deleteProject', projectId);
    await askAndDie('purgeProject', projectId);
    await start();
    expect(existsSync(session.folder)).toBe(false);
    const { projects } = await running.kit.ask('{ projects(inTrash: true) { totalCount } }');
    expect(projects.totalCount).toBe(0);
    expect(existsSync(join(dataDir, 'quarantine'))).toBe(false);
  }, 120_000);
});
