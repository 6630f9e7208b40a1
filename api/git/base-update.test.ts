import { chmod, mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { git } from '../test/git-fixture.ts';
import { GitProcesses } from './git-processes.ts';
import type { BaseUpdateInput, BaseUpdateOutcome, MergeConflict } from './updates.ts';

const door = new GitProcesses();
const BRANCH = 'kosuke-chat-abc';
let folder: string;
/** Where both sides are written with the git command line; the base is its bare clone. */
let work: string;
let base: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kosuke-test-update-'));
  work = join(folder, 'work');
  base = join(folder, 'base');
  await git(folder, 'init', '--quiet', '--initial-branch=main', work);
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => door.close());

/** A text, a link ("-> target"), an executable ("+x text"), bytes, or null for a file that goes. */
type Files = Record<string, string | Buffer | null>;

async function commit(message: string, files: Files): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    const full = join(work, path);
    await rm(full, { recursive: true, force: true });
    if (content === null) continue;
    await mkdir(dirname(full), { recursive: true });
    if (typeof content === 'string' && content.startsWith('-> ')) await symlink(content.slice(3), full);
    else if (typeof content === 'string' && content.startsWith('+x ')) {
      await writeFile(full, content.slice(3));
      await chmod(full, 0o755);
    } else await writeFile(full, content);
  }
  await git(work, 'add', '--all');
  await git(work, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return git(work, 'rev-parse', 'HEAD');
}

const LINES = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`);
const text = (changes: Record<number, string> = {}) => LINES.map((line, index) => changes[index + 1] ?? line).join('');

/** A common beginning, what the base did, and what the session did, each as one commit. */
async function sides(common: Files, theirs: Files, ours: Files): Promise<void> {
  await commit('Begin', common);
  await git(work, 'branch', BRANCH);
  await commit('Theirs', theirs);
  await git(work, 'checkout', '--quiet', BRANCH);
  await commit('Ours', ours);
  await publish();
}

async function publish(): Promise<void> {
  await rm(base, { recursive: true, force: true });
  await git(folder, 'clone', '--quiet', '--bare', work, base);
}

async function compute(change: Partial<BaseUpdateInput> = {}): Promise<BaseUpdateOutcome> {
  const tip = await git(base, 'rev-parse', BRANCH);
  return door.computeBaseUpdate({
    ...{ path: work, basePath: base, branch: BRANCH, baseBranch: 'main', tip, strategy: 'merge' },
    ...{ decisions: [], edits: [], author: { name: 'Mika', email: 'mika@example.com' }, at: 1_700_000_000_000 },
    ...change,
  });
}

async function conflictsOf(change: Partial<BaseUpdateInput> = {}): Promise<MergeConflict[]> {
  const outcome = await compute(change);
  if (outcome.kind !== 'conflicts') throw new Error(`no conflicts: ${outcome.kind}`);
  return outcome.conflicts;
}

async function done(change: Partial<BaseUpdateInput> = {}) {
  const outcome = await compute(change);
  if (outcome.kind !== 'done') throw new Error(`not done: ${JSON.stringify(outcome).slice(0, 500)}`);
  return outcome;
}

/** The update with every conflict decided in the same way. */
async function resolved(choose: (conflict: MergeConflict) => MergeConflict['ours']) {
  const decisions = (await conflictsOf()).map((conflict) => ({ ...conflict, result: choose(conflict) }));
  return done({ decisions });
}

const filesAt = async (sha: string) =>
  (await git(base, 'ls-tree', '-r', '--format=%(objectmode) %(path)', sha)).split('\n').sort();
const read = (sha: string, path: string) => git(base, 'show', `${sha}:${path}`);

describe('merging the base into a branch', () => {
  it('makes the very tree that git makes, with both as parents', async () => {
    await sides(
      { 'a.txt': text(), 'b.txt': 'b\n', 'moved.txt': text({ 3: 'this is the one that moves\n' }), run: '#!/bin/sh\n' },
      {
        'a.txt': text({ 2: 'theirs\n' }),
        'new/c.txt': 'c\n',
        run: '+x #!/bin/sh\n',
        'moved.txt': text({ 3: 'this is the one that moves\n', 9: 'edited\n' }),
      },
      {
        'a.txt': text({ 18: 'ours\n' }),
        'b.txt': null,
        link: '-> a.txt',
        'moved.txt': null,
        'here.txt': text({ 3: 'this is the one that moves\n' }),
      },
    );
    const outcome = await done();
    expect(outcome).toMatchObject({ isFastForward: false, taken: 1, changed: 4, title: `Merge main into ${BRANCH}` });
    expect(await git(base, 'log', '-1', '--format=%P|%an|%cn|%s', outcome.sha)).toBe(
      `${await git(base, 'rev-parse', BRANCH, 'main').then((shas) => shas.replace('\n', ' '))}|Mika|Kosuke|Merge main into ${BRANCH}`,
    );
    await git(work, 'merge', '--quiet', '--no-edit', 'main');
    expect(await git(base, 'rev-parse', `${outcome.sha}^{tree}`)).toBe(await git(work, 'rev-parse', 'HEAD^{tree}'));
    expect(await git(base, 'fsck', '--strict')).not.toMatch(/error|missing/);
    // Asked again, it makes the same commit, and no branch has moved.
    expect((await done()).sha).toBe(outcome.sha);
    expect(await git(base, 'log', '-1', '--format=%s', BRANCH)).toBe('Ours');
  });

  it('moves on to the base where nothing was done since, and says when there is nothing to do', async () => {
    await commit('Begin', { 'a.txt': 'a\n' });
    await git(work, 'branch', BRANCH);
    await publish();
    expect(await compute()).toMatchObject({ kind: 'up-to-date' });
    const head = await commit('Theirs', { 'b.txt': 'b\n' });
    await publish();
    expect(await done()).toMatchObject({ sha: head, isFastForward: true, taken: 1, changed: 1 });
    expect(await done({ strategy: 'rebase' })).toMatchObject({ sha: head, isFastForward: true });
    await git(work, 'checkout', '--quiet', '-B', BRANCH, 'main');
    await commit('Ours', { 'c.txt': 'c\n' });
    await publish();
    expect(await compute()).toMatchObject({ kind: 'up-to-date' });
    expect(await compute({ strategy: 'rebase' })).toMatchObject({ kind: 'up-to-date' });
  });

  it('begins a branch without commits at the base', async () => {
    const head = await commit('Begin', { 'a.txt': 'a\n' });
    await publish();
    expect(await door.computeBaseUpdate({ ...(await inputWithoutTip()) })).toMatchObject({ kind: 'done', sha: head });
  });

  const inputWithoutTip = async (): Promise<BaseUpdateInput> => ({
    ...{ path: work, basePath: base, branch: BRANCH, baseBranch: 'main', tip: null, strategy: 'merge' },
    ...{ decisions: [], edits: [], author: { name: 'Mika', email: 'mika@example.com' }, at: 0 },
  });

  it('refuses with a sentence when the base has no such branch, or nothing in common', async () => {
    await commit('Begin', { 'a.txt': 'a\n' });
    await git(work, 'branch', BRANCH);
    await git(work, 'checkout', '--quiet', '--orphan', 'other');
    await commit('Elsewhere', { 'b.txt': 'b\n' });
    await publish();
    await expect(compute({ baseBranch: 'gone' })).rejects.toMatchObject({ code: 'not-found', message: /gone/ });
    for (const strategy of ['merge', 'rebase'] as const) {
      await expect(compute({ baseBranch: 'other', strategy })).rejects.toMatchObject({
        code: 'rejected',
        message: /in common/,
      });
    }
  });

  it('finds the nearest common commit also where branches crossed', async () => {
    await commit('Begin', { 'a.txt': text() });
    await git(work, 'checkout', '--quiet', '-b', BRANCH);
    await commit('Ours 1', { 'a.txt': text({ 2: 'ours\n' }) });
    await git(work, 'checkout', '--quiet', 'main');
    await commit('Theirs 1', { 'a.txt': text({ 18: 'theirs\n' }) });
    await git(work, 'merge', '--quiet', '--no-edit', BRANCH);
    await git(work, 'checkout', '--quiet', BRANCH);
    await git(work, 'merge', '--quiet', '--no-edit', 'main~1');
    await commit('Ours 2', { 'a.txt': text({ 2: 'ours\n', 18: 'theirs\n', 10: 'more\n' }) });
    await publish();
    expect(await read((await done()).sha, 'a.txt')).toBe(text({ 2: 'ours\n', 18: 'theirs\n', 10: 'more\n' }).trim());
  });

  it('merges a thousand files in one go', async () => {
    const many = (content: string) =>
      Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`d${index % 30}/f${index}`, content]));
    await sides(many(text()), many(text({ 2: 'theirs\n' })), many(text({ 18: 'ours\n' })));
    expect(await done()).toMatchObject({ changed: 1_000 });
  }, 60_000);

  it('keeps the executable bit when both add the same file and one of them sets it', async () => {
    await sides({}, { f: 'same\n' }, { f: '+x same\n' });
    expect(await filesAt((await done()).sha)).toEqual(['100755 f']);
  });
});

describe('conflicts', () => {
  const binary = (letter: string) => Buffer.from(`\0${letter}`);
  const cases: [string, { common: Files; theirs: Files; ours: Files }, Partial<MergeConflict> & { path: string }][] = [
    [
      'both changed a text',
      { common: { f: text() }, theirs: { f: text({ 5: 't\n' }) }, ours: { f: text({ 5: 'o\n' }) } },
      { path: 'f', kind: 'content', isBinary: false, marked: expect.any(String) },
    ],
    [
      'both added a file',
      { common: {}, theirs: { f: 't\n' }, ours: { f: 'o\n' } },
      { path: 'f', kind: 'added-by-both', ancestor: null, marked: expect.any(String) },
    ],
    [
      'the session deleted what the base changed',
      { common: { f: text() }, theirs: { f: text({ 5: 't\n' }) }, ours: { f: null } },
      { path: 'f', kind: 'deleted-by-ours', ours: null, marked: null },
    ],
    [
      'the base deleted what the session changed',
      { common: { f: text() }, theirs: { f: null }, ours: { f: text({ 5: 'o\n' }) } },
      { path: 'f', kind: 'deleted-by-theirs', theirs: null, marked: null },
    ],
    [
      'both changed bytes',
      { common: { f: binary('c') }, theirs: { f: binary('t') }, ours: { f: binary('o') } },
      { path: 'f', kind: 'content', isBinary: true, marked: null },
    ],
    [
      'both changed a link',
      { common: { f: '-> c' }, theirs: { f: '-> t' }, ours: { f: '-> o' } },
      { path: 'f', kind: 'content', marked: null },
    ],
    [
      'one made it a link',
      { common: { f: text() }, theirs: { f: text({ 5: 't\n' }) }, ours: { f: '-> o' } },
      { path: 'f', kind: 'type', marked: null },
    ],
    [
      'one has a folder there',
      { common: { g: 'g\n' }, theirs: { 'f/inside': 't\n' }, ours: { f: 'o\n' } },
      { path: 'f', kind: 'folder', marked: null },
    ],
  ];

  it.each(cases)('%s: told as data, and resolved to either side', async (_, { common, theirs, ours }, expected) => {
    await sides({ ...common, other: 'x\n' }, { ...theirs, 'other-theirs': 'x\n' }, { ...ours, 'other-ours': 'x\n' });
    const conflicts = await conflictsOf();
    expect(conflicts).toEqual([expect.objectContaining(expected)]);
    const one = await resolved((conflict) => conflict.ours);
    const other = await resolved((conflict) => conflict.theirs);
    const at = async (ref: string) => (await filesAt(ref)).filter((line) => / f(\/|$)/.test(line));
    const content = (ref: string) => git(base, 'ls-tree', '-r', ref, '--', 'f');
    expect(await at(one.sha)).toEqual(await at(BRANCH));
    expect(await content(one.sha)).toBe(await content(BRANCH));
    expect(await at(other.sha)).toEqual(await at('main'));
    expect(await content(other.sha)).toBe(await content('main'));
    for (const { sha } of [one, other]) {
      expect(await filesAt(sha)).toEqual(expect.arrayContaining(['100644 other-ours', '100644 other-theirs']));
    }
  });

  it('both renamed a file: each of its names is decided by itself', async () => {
    await sides(
      { 'old.txt': text() },
      { 'old.txt': null, 'theirs.txt': text() },
      { 'old.txt': null, 'ours.txt': text() },
    );
    expect((await conflictsOf()).map(({ path, kind }) => [path, kind])).toEqual([
      ['old.txt', 'renamed'],
      ['ours.txt', 'renamed'],
      ['theirs.txt', 'renamed'],
    ]);
    expect(await filesAt((await resolved(({ ours }) => ours)).sha)).toEqual(['100644 ours.txt']);
    expect(await filesAt((await resolved(({ theirs }) => theirs)).sha)).toEqual(['100644 theirs.txt']);
  });

  it('both moved a submodule', async () => {
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40));
    const pin = (sha = '') => git(work, 'update-index', '--add', '--cacheinfo', `160000,${sha},lib`);
    const save = (message: string) => git(work, 'commit', '--quiet', `--message=${message}`);
    await pin(one);
    await save('Begin');
    await git(work, 'branch', BRANCH);
    await pin(two);
    await save('Theirs');
    await git(work, 'checkout', '--quiet', BRANCH);
    await pin(three);
    await save('Ours');
    await publish();
    expect(await conflictsOf()).toMatchObject([{ path: 'lib', kind: 'submodule', marked: null }]);
    expect(await git(base, 'rev-parse', `${(await resolved(({ theirs }) => theirs)).sha}:lib`)).toBe(two);
  });

  it('shows both sides between markers that bear their names', async () => {
    await sides({ f: text() }, { f: text({ 5: 'theirs\n' }) }, { f: text({ 5: 'ours\r\n' }) });
    const [conflict] = await conflictsOf();
    const { text: marked } = await door.blobText({ path: base, sha: conflict?.marked ?? '', maxBytes: 10_000 });
    expect(marked).toBe(text({ 5: `<<<<<<< ${BRANCH}\nours\r\n=======\ntheirs\n>>>>>>> main\n` }));
  });

  it('takes a text as the resolution, keeps the mode, and lets a file go', async () => {
    await sides(
      { f: '+x a\n', g: text() },
      { f: '+x theirs\n', g: text({ 1: 't\n' }) },
      { f: '+x ours\n', g: text({ 1: 'o\n' }) },
    );
    const [f, g] = await conflictsOf();
    if (!f || !g) throw new Error('two conflicts');
    const outcome = await done({
      decisions: [
        { ...f, result: { text: 'both ü\n', mode: 0o100755 } },
        { ...g, result: null },
      ],
    });
    expect(await filesAt(outcome.sha)).toEqual(['100755 f']);
    expect(await read(outcome.sha, 'f')).toBe('both ü');
  });

  it('keeps a decision while the three sides are the same, and asks again when one is not', async () => {
    await sides(
      { f: text(), g: text() },
      { f: text({ 5: 't\n' }), g: text({ 5: 't\n' }) },
      { f: text({ 5: 'o\n' }), g: text({ 5: 'o\n' }) },
    );
    const decisions = (await conflictsOf()).map((conflict) => ({ ...conflict, result: conflict.ours }));
    await git(work, 'checkout', '--quiet', 'main');
    await commit('More', { g: text({ 5: 'again\n' }), h: 'h\n' });
    await publish();
    expect((await conflictsOf({ decisions })).map(({ path }) => path)).toEqual(['g']);
  });

  it('gives the text of a file up to a limit, and none of what is no text', async () => {
    await sides({}, {}, { long: 'ü'.repeat(10), bin: binary('x') });
    const sha = (path: string) => git(base, 'rev-parse', `${BRANCH}:${path}`);
    const blob = async (path: string, maxBytes: number) =>
      door.blobText({ path: base, sha: await sha(path), maxBytes });
    expect(await blob('long', 5)).toEqual({ text: 'üü', bytes: 20, isTruncated: true });
    expect(await blob('long', 20)).toEqual({ text: 'ü'.repeat(10), bytes: 20, isTruncated: false });
    expect(await blob('bin', 20)).toEqual({ text: null, bytes: 2, isTruncated: false });
  });
});

describe('rebasing a branch on the base', () => {
  async function threeCommits(): Promise<void> {
    await commit('Begin', { f: text(), g: text() });
    await git(work, 'branch', BRANCH);
    await commit('Theirs', { f: text({ 5: 'theirs\n' }), same: 'same\n' });
    await git(work, 'checkout', '--quiet', BRANCH);
    await commit('One', { a: 'a\n' });
    await commit('Two\n\nWhy.\n\nAgent: Built-in', { f: text({ 5: 'ours\n' }) });
    await commit('Three', { b: 'b\n' });
    await publish();
  }

  it('moves commit by commit, with authors, dates and messages, and leaves out what is there already', async () => {
    await commit('Begin', { f: text() });
    await git(work, 'branch', BRANCH);
    await commit('Theirs', { f: text({ 18: 'theirs\n' }), same: 'same\n' });
    await git(work, 'checkout', '--quiet', BRANCH);
    await commit('Same', { same: 'same\n' });
    await commit('One\n\nWhy.\n\nAgent: Built-in', { f: text({ 2: 'ours\n' }) });
    await publish();
    const outcome = await done({ strategy: 'rebase' });
    expect(outcome).toMatchObject({ dropped: 1, isFastForward: false, title: 'One' });
    const log = (ref: string) => git(base, 'log', '-1', '--format=%an|%ae|%aI|%B', ref);
    expect(await log(outcome.sha)).toBe(await log(BRANCH));
    expect(await git(base, 'log', '--format=%s', outcome.sha)).toBe('One\nTheirs\nBegin');
    expect((await done({ strategy: 'rebase' })).sha).toBe(outcome.sha);
    await git(work, 'rebase', '--quiet', 'main');
    expect(await git(base, 'rev-parse', `${outcome.sha}^{tree}`)).toBe(await git(work, 'rev-parse', 'HEAD^{tree}'));
  });

  it('stops at the commit in conflict, names it, and goes on behind it once that is decided', async () => {
    await threeCommits();
    const outcome = await compute({ strategy: 'rebase' });
    expect(outcome).toMatchObject({
      kind: 'conflicts',
      commit: { title: 'Two', number: 2, count: 3, sha: await git(base, 'rev-parse', `${BRANCH}~1`) },
      conflicts: [{ path: 'f', kind: 'content' }],
    });
    if (outcome.kind !== 'conflicts') return;
    const [conflict] = outcome.conflicts;
    if (!conflict) throw new Error('a conflict');
    // The session's side is ours also here.
    expect((await door.blobText({ path: base, sha: conflict.ours?.sha ?? '', maxBytes: 9_999 })).text).toBe(
      text({ 5: 'ours\n' }),
    );
    const decisions = [{ ...conflict, result: { text: text({ 5: 'both\n' }), mode: 0o100644 } }];
    const { sha } = await done({ strategy: 'rebase', decisions });
    expect(await git(base, 'log', '--format=%s', sha)).toBe('Three\nTwo\nOne\nTheirs\nBegin');
    expect(await read(`${sha}~1`, 'f')).toBe(text({ 5: 'both\n' }).trim());
    expect(await git(base, 'diff', '--name-only', `${sha}~1`, sha)).toBe('b');
    expect(await git(base, 'log', '-1', '--format=%B', `${sha}~1`)).toBe('Two\n\nWhy.\n\nAgent: Built-in');
  });

  it('puts what was edited besides into the commit it belongs to', async () => {
    await threeCommits();
    const outcome = await compute({ strategy: 'rebase' });
    if (outcome.kind !== 'conflicts' || !outcome.conflicts[0]) throw new Error('a conflict');
    const [conflict] = outcome.conflicts;
    const from = { sha: await git(base, 'rev-parse', `${BRANCH}:g`), mode: 0o100644 };
    const to = { sha: await git(base, 'rev-parse', `${BRANCH}:a`), mode: 0o100755 };
    const { sha } = await done({
      strategy: 'rebase',
      decisions: [{ ...conflict, result: conflict.theirs }],
      edits: [
        { path: 'g', from, to, step: outcome.step },
        { path: 'a', from, to: null, step: outcome.step },
      ],
    });
    expect(await git(base, 'log', '--format=%s', sha)).toBe('Three\nTwo\nOne\nTheirs\nBegin');
    expect(await filesAt(`${sha}~1`)).toEqual(['100644 a', '100644 f', '100644 same', '100755 g']);
    expect(await filesAt(`${sha}~2`)).toContain('100644 g');
  });
});

describe('what is not committed', () => {
  async function snapshotOf(files: Files): Promise<{ snapshot: string; from: string }> {
    const from = await git(work, 'rev-parse', 'HEAD');
    const snapshot = await commit('Snapshot', files);
    await git(work, 'push', '--quiet', '--force', base, `${snapshot}:refs/kosuke/rescue/x`);
    return { snapshot, from };
  }

  it('comes along onto the new commit, or is named where it does not fit', async () => {
    await sides({ f: text(), gone: 'x\n' }, { f: text({ 5: 'theirs\n' }), new: 'n\n' }, { g: 'g\n' });
    const { sha: to } = await done();
    const fits = await snapshotOf({ f: text({ 18: 'not committed\n' }), untracked: 'u\n', gone: null });
    const carried = await door.carryOver({ basePath: base, ...fits, to });
    if (carried.kind !== 'carried') throw new Error('carried');
    expect(await read(carried.sha, 'f')).toBe(text({ 5: 'theirs\n', 18: 'not committed\n' }).trim());
    expect(await filesAt(carried.sha)).toEqual(['100644 f', '100644 g', '100644 new', '100644 untracked']);

    await git(work, 'reset', '--quiet', '--hard', fits.from);
    await unlink(join(work, 'g'));
    const unfit = await snapshotOf({ f: text({ 5: 'not committed\n' }), new: 'mine\n' });
    expect(await door.carryOver({ basePath: base, ...unfit, to })).toEqual({ kind: 'conflicts', paths: ['f', 'new'] });
  });
});

describe('what an agent made of conflicts', () => {
  it('counts what it freed of markers, changed or deleted; the rest stays open', async () => {
    const names = ['solved', 'left', 'half', 'gone', 'bytes', 'untouched'];
    const all = (content: (name: string) => string | Buffer) =>
      Object.fromEntries(names.map((name) => [name, content(name)]));
    const side = (word: string) => (name: string) =>
      name === 'bytes' || name === 'untouched' ? Buffer.from(`\0${word}`) : text({ 5: `${word}\n` });
    await sides({ ...all(side('common')), other: 'o\n' }, all(side('theirs')), all(side('ours')));
    const outcome = await compute();
    if (outcome.kind !== 'conflicts') throw new Error('conflicts');
    await git(work, 'fetch', '--quiet', base, `+${outcome.marked}:refs/heads/marked`).catch(async () => {
      await git(base, 'update-ref', 'refs/heads/marked', outcome.marked);
      await git(work, 'fetch', '--quiet', base, '+marked:marked');
    });
    await git(work, 'checkout', '--quiet', 'marked');
    const found = await commit('Found', {
      ...{ solved: text({ 5: 'both\n' }), gone: null, bytes: Buffer.from('\0both'), other: '+x o\n', more: 'm\n' },
      half: (await git(work, 'show', 'marked:half')).replace(/^<<<<<<< .*\n/m, ''),
    });
    await git(work, 'push', '--quiet', base, `${found}:refs/kosuke/rescue/found`);
    const { decisions, edits } = await door.agentResolutions({
      ...{ basePath: base, branch: BRANCH, baseBranch: 'main', marked: outcome.marked, found },
      ...{ conflicts: outcome.conflicts, step: outcome.step },
    });
    expect(decisions.map(({ path, result }) => [path, result === null])).toEqual([
      ['bytes', false],
      ['gone', true],
      ['solved', false],
    ]);
    expect(edits.map(({ path, step }) => [path, step])).toEqual([
      ['more', 'merge'],
      ['other', 'merge'],
    ]);
    expect((await conflictsOf({ decisions, edits })).map(({ path }) => path)).toEqual(['half', 'left', 'untouched']);
  });
});
