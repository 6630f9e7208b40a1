import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { type GitServer, startGitServer } from '../test/git-server.ts';
import type { BaseSource, FetchedBase } from './git.ts';
import { GitProcesses } from './git-processes.ts';

const door = new GitProcesses();
let server: GitServer;
let folder: string;
let base: string;
let source: Fixture;

beforeAll(async () => {
  server = await startGitServer();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-fetch-'));
  base = join(folder, 'base');
  source = await makeRepository({ 'a.txt': 'a\n' });
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await source.remove();
});
afterAll(async () => {
  await door.close();
  await server.close();
});

async function commit(name: string): Promise<string> {
  await writeFile(join(source.path, name), `${name}\n`);
  await git(source.path, 'add', '--all');
  await git(source.path, 'commit', '--quiet', `--message=${name}`);
  return git(source.path, 'rev-parse', 'HEAD');
}

let served = 0;

/** The same steps over both ways to a source. `publish` makes the source show what the repository has now. */
const kinds: [string, () => Promise<{ from: BaseSource; publish(): Promise<unknown> }>][] = [
  ['a path', async () => ({ from: { kind: 'path', path: source.path }, publish: async () => undefined })],
  [
    'a server',
    async () => {
      served += 1;
      const name = `${served}.git`;
      const path = await server.create(name);
      return {
        from: { kind: 'url', url: server.url(name) },
        publish: () => git(source.path, 'push', '--quiet', '--mirror', path),
      };
    },
  ],
];

describe.each(kinds)('a base repository refreshed from %s', (_, make) => {
  let from: BaseSource;
  let publish: () => Promise<unknown>;
  const fetchBase = async (): Promise<FetchedBase> => {
    await publish();
    return door.fetchBase({ source: from, path: base, keptPrefix: 'kosuke-chat-' });
  };

  beforeEach(async () => {
    ({ from, publish } = await make());
    await publish();
    await door.cloneBase({ source: from, path: base });
  });

  it('has the new commits, branches and tags, and says which branches moved how', async () => {
    const first = await git(source.path, 'rev-parse', 'HEAD');
    await git(source.path, 'branch', 'old');
    expect((await fetchBase()).branches).toEqual([{ name: 'old', kind: 'created', oldSha: null, newSha: first }]);

    await git(source.path, 'branch', '-D', 'old');
    await git(source.path, 'branch', 'old/new');
    const head = await commit('b.txt');
    await git(source.path, 'tag', 'v2');
    const moved = await fetchBase();
    expect(moved).toEqual({
      branches: [
        { name: 'main', kind: 'advanced', oldSha: first, newSha: head },
        { name: 'old', kind: 'deleted', oldSha: first, newSha: null },
        { name: 'old/new', kind: 'created', oldSha: null, newSha: first },
      ],
      sourceDefaultBranch: 'main',
      headBranch: 'main',
    });
    expect(await git(base, 'rev-parse', 'main', 'v2', 'old/new')).toBe([head, head, first].join('\n'));
    expect(await git(base, 'fsck', '--strict')).toBe('');
    expect((await fetchBase()).branches).toEqual([]);
  });

  it('follows a branch that was written anew, and says so', async () => {
    const before = await commit('b.txt');
    await fetchBase();
    await git(source.path, 'commit', '--quiet', '--amend', '--message=other');
    const after = await git(source.path, 'rev-parse', 'HEAD');
    expect((await fetchBase()).branches).toEqual([{ name: 'main', kind: 'rewritten', oldSha: before, newSha: after }]);
    expect(await git(base, 'rev-parse', 'main')).toBe(after);
  });

  it("leaves sessions' branches and everything that is no branch alone, whatever the source has", async () => {
    const first = await git(source.path, 'rev-parse', 'HEAD');
    await git(base, 'update-ref', 'refs/heads/kosuke-chat-abc', first);
    await git(base, 'update-ref', 'refs/kosuke/rescue/abc/x', first);
    await commit('b.txt');
    await git(source.path, 'branch', 'kosuke-chat-abc');
    await git(source.path, 'branch', 'kosuke-chat-other');
    await git(source.path, 'update-ref', 'refs/kosuke/rescue/abc/x', 'HEAD');
    expect((await fetchBase()).branches.map(({ name }) => name)).toEqual(['main']);
    expect(await git(base, 'rev-parse', 'kosuke-chat-abc', 'refs/kosuke/rescue/abc/x')).toBe(`${first}\n${first}`);
    expect(await git(base, 'branch', '--list', '--format=%(refname:short)')).toBe('kosuke-chat-abc\nmain');
  });

  it('follows the source when the branch that HEAD is on is gone', async () => {
    await git(source.path, 'branch', '--move', 'trunk');
    if (from.kind === 'url') {
      await git(servedPath(), 'config', 'receive.denyDeleteCurrent', 'ignore');
      await publish();
      await git(servedPath(), 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
    }
    expect(await fetchBase()).toMatchObject({
      branches: [
        { name: 'main', kind: 'deleted' },
        { name: 'trunk', kind: 'created' },
      ],
      headBranch: 'trunk',
      sourceDefaultBranch: 'trunk',
    });
    expect(await git(base, 'symbolic-ref', 'HEAD')).toBe('refs/heads/trunk');
  });

  it('keeps what it has when the source is empty all of a sudden', async () => {
    const before = await git(base, 'rev-parse', 'main');
    const path = from.kind === 'path' ? from.path : servedPath();
    await git(path, 'update-ref', '-d', 'refs/heads/main');
    await expect(door.fetchBase({ source: from, path: base, keptPrefix: 'kosuke-chat-' })).rejects.toMatchObject({
      code: 'rejected',
    });
    expect(await git(base, 'rev-parse', 'main')).toBe(before);
  });

  it('keeps what it has when the source is gone, and says why', async () => {
    const before = await git(base, 'rev-parse', 'main');
    rmSync(from.kind === 'path' ? from.path : servedPath(), { recursive: true });
    await expect(door.fetchBase({ source: from, path: base, keptPrefix: 'kosuke-chat-' })).rejects.toMatchObject({
      code: from.kind === 'path' ? 'not-a-repository' : 'not-found',
    });
    expect(await git(base, 'rev-parse', 'main')).toBe(before);
  });

  const servedPath = () => server.path(`${served}.git`);
});

it('is not refreshed from a path that lacks what its branches name', async () => {
  const from = { kind: 'path', path: source.path } as const;
  await door.cloneBase({ source: from, path: base });
  const before = await git(base, 'rev-parse', 'main');
  const sha = await commit('b.txt');
  rmSync(join(source.path, '.git', 'objects', sha.slice(0, 2), sha.slice(2)));
  await expect(door.fetchBase({ source: from, path: base, keptPrefix: 'kosuke-chat-' })).rejects.toMatchObject({
    code: 'not-a-repository',
  });
  expect(await git(base, 'rev-parse', 'main')).toBe(before);
});

it('begins to have branches when an empty source gets its first', async () => {
  const empty = join(folder, 'empty');
  await git(folder, 'init', '--quiet', '--initial-branch=begin', empty);
  const from = { kind: 'path', path: empty } as const;
  await door.cloneBase({ source: from, path: base });
  expect(await door.fetchBase({ source: from, path: base, keptPrefix: 'kosuke-chat-' })).toMatchObject({
    branches: [],
  });
  await git(empty, 'commit', '--quiet', '--allow-empty', '--message=First');
  expect(await door.fetchBase({ source: from, path: base, keptPrefix: 'kosuke-chat-' })).toMatchObject({
    branches: [{ name: 'begin', kind: 'created' }],
    headBranch: 'begin',
  });
});
