// Making workspaces, and what is done in them at every turn, against the git command line on the same repository.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GitProcesses } from '../dist/api/git/git-processes.js';
import { WorkspaceStore } from '../dist/api/workspaces/workspace-store.js';
import { git } from './git.mjs';
import { inMb, inMs, quantile, rotated, Times, verdict } from './measure.mjs';
import { addCommit, fileName, makeRepository } from './repositories.mjs';

const AUTHOR = { name: 'Mika', email: 'mika@example.com' };
const NO_LIMITS = { minFreeBytes: 0, maxBytes: Number.MAX_SAFE_INTEGER, idleMs: Number.MAX_SAFE_INTEGER };
const MOVED_FILES = 8;

/** Measures at one size. Nothing is deleted meanwhile: a file system that frees blocks is a slow one. */
export async function benchWorkspaces(folder, files, rounds, say) {
  const place = join(folder, `${files}`);
  const source = join(place, 'source');
  const theirs = join(place, 'theirs');
  say(`${files.toLocaleString('en')} files: making the repository`);
  await makeRepository(source, files);
  git(place, 'clone', '--quiet', '--bare', source, theirs);

  const door = new GitProcesses({ idleMs: 10 * 60_000 });
  const store = new WorkspaceStore({
    dataDir: join(place, 'data'),
    git: door,
    pool: {
      git: new GitProcesses({ processes: 1, niceness: 19 }),
      settings: { ...NO_LIMITS, sparesPerProject: 1, fromFiles: 0 },
    },
    onError: (error) => console.error(error),
  });
  await store.start();
  await store.prepareBase({ projectId: 1, kind: 'path', source, name: 'bench' });
  const bench = new WorkspaceBench({ place, source, theirs, door, store, files });
  // The first workspace is nobody's measure: it has the pool make its first spare.
  await bench.ensure('first');
  for (let round = 0; round < rounds; round += 1) {
    say(`${files.toLocaleString('en')} files: round ${round + 1} of ${rounds}`);
    for (const measure of rotated(bench.creations, round)) await measure(round);
    for (const measure of rotated(bench.turns, round)) await measure(round);
  }
  const report = await bench.report();
  await store.close();
  await door.close();
  return report;
}

class WorkspaceBench {
  times = new Times();
  sizes = [];
  creations = [
    (round) => this.worktree(round),
    (round) => this.cold(round),
    (round) => this.handOver(round),
    (round) => this.handOverByNewProcess(round),
    (round) => this.moved(round),
  ];
  turns = [(round) => this.ourTurn(round), (round) => this.theirTurn(round)];

  constructor(parts) {
    Object.assign(this, parts);
  }

  ensure(sessionId) {
    return this.store.ensureWorkspace({
      projectId: 1,
      sessionId,
      branch: `kosuke-chat-${sessionId}`,
      baseBranch: 'main',
    });
  }

  async worktree(round) {
    const path = join(this.place, `worktree-${round}`);
    await this.times.take('git worktree add', () =>
      git(this.theirs, 'worktree', 'add', '--quiet', '-b', `work-${round}`, path, 'main'),
    );
    this.worktreePath = path;
  }

  async cold(round) {
    const input = { basePath: this.store.basePath(1), branch: `kosuke-chat-cold${round}`, baseBranch: 'main' };
    const path = join(this.place, `cold-${round}`);
    await this.times.take('cold', () => this.door.createWorkspace({ ...input, path }));
    this.sizes.push(await this.door.diskUse(path));
  }

  async handOver(round) {
    await this.store.whenPooled();
    const { path } = await this.times.take('hand-over', () => this.ensure(`pool${round}`));
    this.sessionPath = path;
    this.session = `pool${round}`;
    await this.store.whenPooled();
  }

  /** As after a pause, when no git process is left and one has to start. */
  async handOverByNewProcess(round) {
    await this.store.whenPooled();
    const door = new GitProcesses();
    const store = new WorkspaceStore({
      dataDir: join(this.place, 'data'),
      git: door,
      pool: { git: new GitProcesses({ processes: 1 }), settings: { ...NO_LIMITS, sparesPerProject: 1, fromFiles: 0 } },
    });
    const sessionId = `fresh${round}`;
    const request = { projectId: 1, sessionId, branch: `kosuke-chat-${sessionId}`, baseBranch: 'main' };
    await this.times.take('hand-over, new process', () => store.ensureWorkspace(request));
    await store.whenPooled();
    await store.close();
    await door.close();
  }

  async moved(round) {
    await this.store.whenPooled();
    const names = Array.from({ length: MOVED_FILES }, (_, at) => fileName((round * 97 + at * 31) % this.files));
    await addCommit(this.source, names, `moved in round ${round}\n`);
    await this.store.refreshBase({ projectId: 1, kind: 'path', source: this.source });
    await this.times.take('base moved', () => this.ensure(`moved${round}`));
    await this.store.whenPooled();
  }

  async ourTurn(round) {
    const [path, branch] = [this.sessionPath, `kosuke-chat-${this.session}`];
    await this.times.take('status', () => this.door.status(path));
    this.change(path, round);
    const input = { path, basePath: this.store.basePath(1), branch, title: 'Turn', author: AUTHOR, trailers: {} };
    const commit = await this.times.take('commit', () => this.door.commitAll(input));
    if (commit?.files.length !== 10) throw new Error('The turn did not change ten files.');
  }

  async theirTurn(round) {
    const path = this.worktreePath;
    await this.times.take('git status', () => git(path, 'status', '--porcelain'));
    this.change(path, round);
    await this.times.take('git commit', () => {
      git(path, 'add', '-A');
      git(path, 'commit', '--quiet', '-m', 'Turn');
    });
  }

  /** Ten files: six changed, three new, one gone. */
  change(path, round) {
    const first = (round * 131) % Math.max(1, this.files - 20);
    for (let at = 0; at < 6; at += 1) appendFileSync(join(path, fileName(first + at)), `changed in round ${round}\n`);
    for (let at = 0; at < 3; at += 1) {
      const name = join(path, `packages/new/round-${round}/${at}.ts`);
      mkdirSync(dirname(name), { recursive: true });
      writeFileSync(name, `new in round ${round}\n`);
    }
    rmSync(join(path, fileName(first + 10)));
  }

  /** Half of the files, 1,000 at most, changed in one commit, then compared again and again. */
  async diffs(rounds) {
    const count = Math.min(1_000, Math.floor(this.files / 2));
    const { path, basePath } = await this.ensure('diffs');
    const branch = 'kosuke-chat-diffs';
    for (let at = 0; at < count; at += 1) appendFileSync(join(path, fileName(at)), 'one more line\n');
    const input = { path, basePath, branch, title: 'Many', author: AUTHOR, trailers: {} };
    await this.door.commitAll(input);
    const from = git(path, 'rev-parse', 'HEAD~1');
    const to = git(path, 'rev-parse', 'HEAD');
    const session = { path, basePath, branch, baseBranch: 'main', rescuePrefix: 'refs/kosuke/rescue/diffs/' };
    const states = {
      from: { kind: 'commit', sha: from, isKnown: true },
      to: { kind: 'commit', sha: to, isKnown: true },
    };
    for (let round = 0; round < rounds; round += 1) {
      const ways = [
        async () => {
          const found = await this.times.take('diff', () => this.door.diffFiles({ session, ...states }));
          if (found.files?.length !== count) throw new Error('The difference is not what was changed.');
        },
        () => this.times.take('git diff', () => git(path, 'diff', '--numstat', '-M', from, to)),
      ];
      for (const way of rotated(ways, round)) await way();
    }
    return count;
  }

  async report() {
    const count = await this.diffs(5);
    const { times, files } = this;
    const row = (title, ours, theirs, target) => {
      const ratio = times.median(ours) / times.median(theirs);
      return [
        files.toLocaleString('en'),
        title,
        `${inMs(times.median(ours))} (${times.range(ours)})`,
        `${theirs}: ${inMs(times.median(theirs))} (${times.range(theirs)})`,
        `${ratio.toFixed(3)}x`,
        verdict(ratio, target),
      ];
    };
    // The targets are those of the large repository.
    const target = (value) => (files >= 10_000 ? value : undefined);
    return [
      row('new workspace from the pool', 'hand-over', 'git worktree add', target(0.05)),
      row('the same, a git process has to start', 'hand-over, new process', 'git worktree add'),
      row(`from the pool, base moved by ${MOVED_FILES} files`, 'base moved', 'git worktree add', target(0.25)),
      row('new workspace, cold', 'cold', 'git worktree add', target(1)),
      row('commit of a ten-file turn', 'commit', 'git commit', target(1)),
      row('status', 'status', 'git status'),
      row(`diff of ${count.toLocaleString('en')} files`, 'diff', 'git diff'),
      [files.toLocaleString('en'), 'disk of a workspace of its own', inMb(quantile(this.sizes, 0.5)), '', '', '-'],
    ];
  }
}

export const workspaceHead = [
  'files',
  'what',
  'Kosuke, ms: median (range)',
  'git, ms: median (range)',
  'ratio',
  'target',
];
