import { join } from 'node:path';
import { canMount, openSmallDisks, type SmallDisks } from '../test/small-disk.ts';

const DISK_BYTES = 24 * 1024 * 1024;
const PAGE = 4096;
/** More free pages than any of these needs. */
const ENOUGH = 120;

const author = { name: 'Mika', email: 'mika@example.com' };
const describeWithDisks = canMount() ? describe : describe.skip;
let disks: SmallDisks;
let base: string;
let workspace: string;

describeWithDisks('on a full disk (skipped: this system lets ordinary accounts mount nothing)', () => {
  beforeEach(async () => {
    disks = await openSmallDisks(DISK_BYTES);
  }, 20_000);
  afterEach(() => disks.close(), 20_000);

  const commit = () =>
    disks.git('commitAll', {
      path: workspace,
      basePath: base,
      branch: 'kosuke-chat-one',
      title: 'Turn',
      author,
      trailers: {},
    });

  const open = () =>
    disks.git('createWorkspace', { basePath: base, path: workspace, branch: 'kosuke-chat-one', baseBranch: 'main' });

  async function begin(baseDisk: string, workspaceDisk: string): Promise<void> {
    base = join(baseDisk, 'base');
    workspace = join(workspaceDisk, 'one');
    const files = Array.from({ length: 20 }, (_, index) => ({ path: `d${index}/a.txt`, content: `${index}\n` }));
    await disks.git('initBase', { path: base, defaultBranch: 'main', files, author, message: 'First' });
  }

  /** Tries with one more free page each time until it works; returns how often it failed, always for the disk. */
  async function tryWithMoreAndMore(disk: string, act: () => Promise<unknown>, sound: () => Promise<void>) {
    for (let pages = 0; pages < ENOUGH; pages += 1) {
      await disks.fill(disk, pages * PAGE);
      const code = await act().then(
        () => 'done',
        (error: { code: string; message: string }) => (error.code === 'disk-full' ? 'disk-full' : error.message),
      );
      if (code === 'done') return pages;
      expect(code).toBe('disk-full');
      await sound();
    }
    throw new Error('it never worked');
  }

  const locks = () => disks.shell(`find '${base}' '${workspace}' -name '*.lock' -o -name 'kosuke-*' -o -name 'tmp_*'`);
  const tip = (path: string, ref: string) => disks.shell(`git -C '${path}' rev-parse ${ref} 2>/dev/null`);
  const expectWhole = async () => {
    for (const path of [base, workspace]) {
      expect(await disks.shell(`git -C '${path}' fsck --strict 2>&1`)).not.toMatch(/error|missing|broken/);
    }
    expect(await disks.shell(`git -C '${workspace}' status --porcelain`)).toBe('');
  };

  it.each(['workspace', 'base'])(
    'a commit fails as a whole wherever it is in the %s, loses nothing, and works when there is space again',
    async (where) => {
      // On one disk objects are linked into the base; on two they are copied.
      await begin(where === 'base' ? disks.other : disks.one, disks.one);
      await open();
      const before = await tip(workspace, 'HEAD');
      await disks.shell(`cd '${workspace}'; for d in d*; do echo changed > $d/a.txt; done; echo new > new.txt`);
      await disks.shell(`head -c 60000 /dev/urandom > '${workspace}/large.bin'`);
      const failed = await tryWithMoreAndMore(where === 'base' ? disks.other : disks.one, commit, async () => {
        expect(await tip(workspace, 'HEAD')).toBe(before);
        expect(await tip(base, 'kosuke-chat-one').catch(() => before)).toBe(before);
        expect(await locks()).toBe('');
      });
      expect(failed).toBeGreaterThan(5);
      await disks.empty(disks.one);
      await disks.empty(disks.other);
      expect(await tip(base, 'kosuke-chat-one')).toBe(await tip(workspace, 'HEAD'));
      expect(await disks.shell(`git -C '${workspace}' show HEAD:large.bin | cmp - '${workspace}/large.bin'`)).toBe('');
      await expectWhole();
    },
    60_000,
  );

  it('a workspace is not made in part', async () => {
    await begin(disks.other, disks.one);
    const failed = await tryWithMoreAndMore(disks.one, open, async () => {
      expect(await disks.shell(`ls -A '${disks.one}'`)).toBe('filling');
    });
    expect(failed).toBeGreaterThan(5);
    await disks.empty(disks.one);
    await expectWhole();
  }, 60_000);

  it('a base repository is not made in part', async () => {
    await begin(disks.other, disks.one);
    const [source, copy] = [base, join(disks.one, 'copy')];
    const clone = () => disks.git('cloneBase', { source: { kind: 'path', path: source }, path: copy });
    const failed = await tryWithMoreAndMore(disks.one, clone, async () => {
      expect(await disks.shell(`ls -A '${disks.one}'`)).toBe('filling');
    });
    expect(failed).toBeGreaterThan(5);
    expect(await disks.shell(`git -C '${copy}' fsck --strict 2>&1`)).not.toMatch(/error|missing|broken/);
  }, 60_000);
});
