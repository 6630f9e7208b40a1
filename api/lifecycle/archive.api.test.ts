import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conversation, newProject, newSession, send, talk, untilEnded } from '../test/conversation.ts';
import { git } from '../test/git-fixture.ts';
import { until } from '../test/session-directories.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';
import { treeBytes } from '../test/tree-bytes.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await startTestApp({ KOSUKE_ARCHIVE_KEEP_MB: '1' });
}, 60_000);

afterAll(() => kit?.close(), 60_000);

const FIELDS =
  'id status archivedAt workspace { status message cleanedAt } latestOperation { kind status errorCode errorMessage }';

const ask = async (field: string, id: string) =>
  (
    await kit.ask(
      `mutation ($id: ID!) { ${field}(id: $id) { ... on ChatSession { ${FIELDS} } ... on UserError { code message } } }`,
      { id },
    )
  )[field];

const look = async (id: string) =>
  (await kit.ask(`query ($id: ID!) { chatSession(id: $id) { ${FIELDS} } }`, { id })).chatSession;

/** The session when nothing is done to its workspace any more. */
async function settled(id: string) {
  await until(async () => !['QUEUED', 'RUNNING'].includes((await look(id)).latestOperation?.status));
  // The row may have been read before the operation that ended meanwhile.
  return look(id);
}

async function madeSession() {
  const projectId = await newProject(kit);
  const session = await newSession(kit, projectId);
  await talk(
    kit,
    session.id,
    '!printf "#!/bin/sh\\n" > run.sh; chmod +x run.sh; echo one > committed.txt; mkdir src; echo x > src/x',
  );
  const path = join(kit.dataDir, 'projects', projectId, 'sessions', session.id);
  const base = join(kit.dataDir, 'projects', projectId, 'main');
  const home = join(kit.dataDir, 'projects', projectId, 'homes', session.id);
  return { projectId, ...session, path, base, home };
}

/** Every kind of work that no commit holds. */
async function writeUncommitted(path: string): Promise<void> {
  await writeFile(join(path, 'committed.txt'), 'one\nand more\n');
  await rm(join(path, 'src', 'x'));
  await writeFile(join(path, 'with space.txt'), 'a');
  await writeFile(join(path, 'new\nline'), 'b');
  await writeFile(join(path, 'ünï cödé 漢字'), Buffer.from([0, 255, 254, 10, 13]));
  await writeFile(Buffer.concat([Buffer.from(`${path}/no-text-`), Buffer.from([0xff, 0xfe])]), 'c');
  await symlink('/etc/hostname', join(path, 'to-outside'));
  await symlink('nowhere', join(path, 'dangling'));
  await chmod(join(path, 'committed.txt'), 0o755);
  await writeFile(join(path, '.gitattributes'), '* text=auto\n');
  await writeFile(join(path, 'ends.txt'), 'a\r\nb\n');
  await writeFile(join(path, '.gitignore'), '.env\nnode_modules\nlocal/\n*.log\n');
  await writeFile(join(path, '.env'), 'KEY=hand-written\n', { mode: 0o600 });
  await mkdir(join(path, 'local', 'deep'), { recursive: true });
  await writeFile(join(path, 'local', 'deep', 'notes.log'), 'notes');
  await symlink('../../committed.txt', join(path, 'local', 'deep', 'link'));
  await mkdir(join(path, 'empty', 'folder'), { recursive: true });
  await mkdir(join(path, 'private'), { mode: 0o700 });
  await writeFile(join(path, 'private', 'x.log'), 'x', { mode: 0o400 });
  await mkdir(join(path, 'nested'));
  await git(join(path, 'nested'), 'init', '--quiet');
  await writeFile(join(path, 'nested', 'work.txt'), 'of another repository');
}

describe('archiving a session', () => {
  it('frees its directory, and unarchiving brings every byte back to the same path', async () => {
    const session = await madeSession();
    await writeUncommitted(session.path);
    await writeFile(join(session.home, 'memory'), 'of the agent');
    const before = await treeBytes(session.path);
    const statusBefore = await git(session.path, 'status', '--porcelain');
    await mkdir(join(session.path, 'node_modules', 'left'), { recursive: true });
    await writeFile(join(session.path, 'node_modules', 'left', 'index.js'), 'made by npm');

    expect(await ask('archiveChatSession', session.id)).toMatchObject({
      status: 'ARCHIVED',
      archivedAt: expect.any(String),
    });
    const archived = await settled(session.id);
    expect(archived.latestOperation).toMatchObject({ kind: 'ARCHIVE', status: 'SUCCEEDED' });
    expect(archived.workspace).toMatchObject({ status: 'CLEANED', cleanedAt: expect.any(String) });
    expect(archived.workspace.message).toMatch(/What was not committed is kept.*\d+ files.*node_modules/);
    expect(existsSync(session.path)).toBe(false);
    expect(await readFile(join(session.home, 'memory'), 'utf8')).toBe('of the agent');
    expect(await git(session.base, 'for-each-ref', '--format=%(refname)', 'refs/heads')).toContain(session.branch);

    expect(await ask('unarchiveChatSession', session.id)).toMatchObject({ status: 'ACTIVE', archivedAt: null });
    const back = await settled(session.id);
    expect(back.latestOperation).toMatchObject({ kind: 'UNARCHIVE', status: 'SUCCEEDED' });
    expect(back.workspace).toMatchObject({ status: 'READY', message: null, cleanedAt: null });
    expect(await treeBytes(session.path)).toEqual(before);
    expect(await git(session.path, 'status', '--porcelain')).toBe(statusBefore);
    expect(await git(session.path, 'symbolic-ref', '--short', 'HEAD')).toBe(session.branch);
    expect(await git(session.base, 'for-each-ref', 'refs/kosuke')).toBe('');
    expect(existsSync(join(kit.dataDir, 'projects', session.projectId, 'kept', session.id))).toBe(false);
  }, 60_000);

  it('lets a message be sent right after unarchiving: it waits for the directory', async () => {
    const session = await madeSession();
    await writeFile(join(session.path, 'draft.txt'), 'draft');
    await ask('archiveChatSession', session.id);
    await settled(session.id);
    await ask('unarchiveChatSession', session.id);
    const { run } = await send(kit, session.id, '!cat draft.txt');
    await untilEnded(kit, session.id, run.id);
    expect((await conversation(kit, session.id)).messages.nodes.at(-1).parts[0].output).toBe('draft');
  }, 60_000);

  it('stops what runs, and can be taken back before its turn came', async () => {
    const session = await madeSession();
    await send(kit, session.id, '!sleep 600');
    await until(async () => (await conversation(kit, session.id)).latestRun.status === 'RUNNING');
    await ask('archiveChatSession', session.id);
    await ask('unarchiveChatSession', session.id);
    const back = await settled(session.id);
    expect(back).toMatchObject({ status: 'ACTIVE', workspace: { status: 'READY' } });
    expect(await readFile(join(session.path, 'committed.txt'), 'utf8')).toBe('one\n');
    expect((await conversation(kit, session.id)).latestRun.status).toBe('CANCELLED');
  }, 60_000);

  it('says what there is too much of, and leaves everything as it was', async () => {
    const session = await madeSession();
    await writeFile(join(session.path, '.gitignore'), 'data/\n.env\n');
    await writeFile(join(session.path, '.env'), 'KEY=1');
    await mkdir(join(session.path, 'data'));
    await writeFile(join(session.path, 'data', 'large.bin'), Buffer.alloc(2 * 1024 * 1024));
    const before = await treeBytes(session.path);
    await ask('archiveChatSession', session.id);
    const failed = await settled(session.id);
    expect(failed).toMatchObject({
      status: 'ARCHIVED',
      workspace: { status: 'READY', message: expect.stringContaining('data (2 MB)') },
      latestOperation: {
        status: 'FAILED',
        errorCode: 'TOO_MUCH_IGNORED',
        errorMessage: expect.stringContaining('KOSUKE_ARCHIVE_KEEP_MB'),
      },
    });
    expect(await treeBytes(session.path)).toEqual(before);
    expect(await git(session.base, 'for-each-ref', 'refs/kosuke')).toBe('');

    await rm(join(session.path, 'data'), { recursive: true });
    await ask('archiveChatSession', session.id);
    expect((await settled(session.id)).workspace.status).toBe('CLEANED');
    await ask('unarchiveChatSession', session.id);
    await settled(session.id);
    expect(await readFile(join(session.path, '.env'), 'utf8')).toBe('KEY=1');
  }, 60_000);

  it('keeps commits that only a branch of somebody else in the workspace has', async () => {
    const session = await madeSession();
    await git(session.path, 'checkout', '--quiet', '-b', 'my-own');
    await writeFile(join(session.path, 'own.txt'), 'own');
    await git(session.path, 'add', 'own.txt');
    await git(session.path, 'commit', '--quiet', '--message=Own');
    const own = await git(session.path, 'rev-parse', 'my-own');
    await ask('archiveChatSession', session.id);
    expect((await settled(session.id)).workspace.status).toBe('CLEANED');
    expect(await git(session.base, 'rev-parse', `refs/kosuke/rescue/${session.id}/workspace/heads/my-own`)).toBe(own);
    await ask('unarchiveChatSession', session.id);
    expect((await settled(session.id)).workspace.status).toBe('READY');
    expect(await git(session.path, 'symbolic-ref', '--short', 'HEAD')).toBe(session.branch);
    expect(await readFile(join(session.path, 'own.txt'), 'utf8')).toBe('own');
  }, 60_000);

  it('puts nothing in the place of what took it meanwhile, and does not lose it either', async () => {
    const session = await madeSession();
    await writeFile(join(session.path, '.gitignore'), 'local/\n');
    await mkdir(join(session.path, 'local'));
    await writeFile(join(session.path, 'local', 'notes'), 'notes');
    await ask('archiveChatSession', session.id);
    await settled(session.id);
    const kept = join(kit.dataDir, 'projects', session.projectId, 'kept', session.id);
    await rename(join(kept, 'local'), join(kept, 'committed.txt'));
    await ask('unarchiveChatSession', session.id);
    expect(await settled(session.id)).toMatchObject({
      workspace: { status: 'READY' },
      latestOperation: { errorMessage: null },
    });
    expect(await readFile(join(session.path, 'committed.txt'), 'utf8')).toBe('one\n');
    const quarantine = join(kit.dataDir, 'quarantine');
    const place =
      (await readdir(quarantine, { recursive: true })).find((path) => path.endsWith('committed.txt/notes')) ?? '';
    expect(await readFile(join(quarantine, place), 'utf8')).toBe('notes');
    expect(place).toContain(session.id);
  }, 60_000);

  it('of a session that never had a directory only says so', async () => {
    const session = await newSession(kit, await newProject(kit));
    await ask('archiveChatSession', session.id);
    expect((await settled(session.id)).workspace.status).toBe('CLEANED');
    await ask('unarchiveChatSession', session.id);
    await settled(session.id);
    await talk(kit, session.id, '!echo alive');
    expect((await look(session.id)).workspace.status).toBe('READY');
  }, 60_000);

  it('brings back what was staged for the first commit of an empty repository', async () => {
    const source = join(kit.dataDir, '..', `empty-${Date.now()}`);
    await mkdir(source);
    await git(source, 'init', '--quiet', '--initial-branch=trunk');
    const projectId = await newProject(kit, { localPath: source });
    const session = await newSession(kit, projectId);
    await talk(kit, session.id, '!true');
    const path = join(kit.dataDir, 'projects', projectId, 'sessions', session.id);
    await writeFile(join(path, 'first.txt'), 'first');
    await ask('archiveChatSession', session.id);
    expect((await settled(session.id)).workspace.status).toBe('CLEANED');
    await ask('unarchiveChatSession', session.id);
    await settled(session.id);
    expect(await readFile(join(path, 'first.txt'), 'utf8')).toBe('first');
    await rm(source, { recursive: true });
  }, 60_000);

  it('still leaves out of commits what only this workspace is told to', async () => {
    const session = await madeSession();
    await writeFile(join(session.path, '.git', 'info', 'exclude'), 'secret.env\n');
    await writeFile(join(session.path, 'secret.env'), 'KEY=1');
    await ask('archiveChatSession', session.id);
    await settled(session.id);
    await ask('unarchiveChatSession', session.id);
    await settled(session.id);
    await talk(kit, session.id, '!cat secret.env; echo more > more.txt');
    expect(await git(session.path, 'ls-files')).not.toContain('secret.env');
    expect(await git(session.path, 'ls-files')).toContain('more.txt');
    expect(await readFile(join(session.path, 'secret.env'), 'utf8')).toBe('KEY=1');
  }, 60_000);

  it('keeps the execute bit of what is committed', async () => {
    const session = await madeSession();
    await ask('archiveChatSession', session.id);
    await settled(session.id);
    await ask('unarchiveChatSession', session.id);
    await settled(session.id);
    expect((await stat(join(session.path, 'run.sh'))).mode & 0o111).not.toBe(0);
  }, 60_000);
});
