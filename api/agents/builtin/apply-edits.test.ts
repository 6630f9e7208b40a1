import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyDiff, writeWorkspaceFile } from './apply-edits.ts';
import { EditError } from './workspace-path.ts';

let root: string;
let workspace: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'kosuke-test-edits-')));
  workspace = join(root, 'workspace');
  await mkdir(join(workspace, '.git'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const put = (path: string, content: string | Buffer) => writeFile(join(workspace, path), content);
const get = (path: string) => readFile(join(workspace, path), 'utf8');
const sentences = async (diff: string) => (await applyDiff(workspace, diff)).map(({ sentence }) => sentence);

describe('writing a file', () => {
  it('makes its folders, and says what was done', async () => {
    expect(await writeWorkspaceFile(workspace, 'a/b/c.txt', 'one\ntwo\n')).toEqual({
      path: 'a/b/c.txt',
      sentence: 'Wrote a/b/c.txt (2 lines).',
    });
    expect(await get('a/b/c.txt')).toBe('one\ntwo\n');
    const { sentence } = await writeWorkspaceFile(workspace, 'a/b/c.txt', 'one\n');
    expect(sentence).toBe('Replaced a/b/c.txt (1 line).');
  });

  it('keeps the mode of the file it replaces', async () => {
    await put('run.sh', 'old');
    await chmod(join(workspace, 'run.sh'), 0o755);
    await writeWorkspaceFile(workspace, 'run.sh', 'new');
    expect((await stat(join(workspace, 'run.sh'))).mode & 0o777).toBe(0o755);
  });

  it('follows a link that stays in the workspace', async () => {
    await mkdir(join(workspace, 'real'));
    await symlink('real', join(workspace, 'alias'));
    await writeWorkspaceFile(workspace, 'alias/x', 'x');
    expect(await get('real/x')).toBe('x');
  });

  it.each([
    ['/etc/x', 'relative'],
    ['../x', 'outside'],
    ['a/../../x', 'outside'],
    ['out/x', 'outside'],
    ['leak', 'outside'],
    ['dangling', 'leads nowhere'],
    ['.git/config', '.git'],
    ['.GIT/hooks/x', '.git'],
    ['sub/.git/config', '.git'],
    ['gitlink/config', '.git'],
    ['a/', 'folder'],
    ['folder', 'folder'],
    ['file/x', 'file'],
    ['', 'name'],
  ])('refuses %s', async (path, reason) => {
    const outside = join(root, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'before');
    await symlink(outside, join(workspace, 'out'));
    await symlink(join(outside, 'secret'), join(workspace, 'leak'));
    await symlink(join(outside, 'new'), join(workspace, 'dangling'));
    await symlink('.git', join(workspace, 'gitlink'));
    await mkdir(join(workspace, 'folder'));
    await put('file', '');
    const attempt = writeWorkspaceFile(workspace, path, 'x');
    await expect(attempt).rejects.toThrow(EditError);
    await expect(attempt).rejects.toThrow(reason);
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('before');
    expect(await readdir(join(workspace, '.git'))).toEqual([]);
  });
});

describe('applying a diff', () => {
  it('changes, creates, deletes and renames', async () => {
    await put('change', 'a\nb\nc\n');
    await put('delete', 'x\n');
    await put('rename', 'r\ns\n');
    const diff = `diff --git a/change b/change
--- a/change
+++ b/change
@@ -1,3 +1,3 @@
 a
-b
+B
 c
diff --git a/new/file b/new/file
new file mode 100755
--- /dev/null
+++ b/new/file
@@ -0,0 +1,2 @@
+n
+m
\\ No newline at end of file
diff --git a/delete b/delete
deleted file mode 100644
--- a/delete
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/rename b/renamed
rename from rename
rename to renamed
--- a/rename
+++ b/renamed
@@ -1,2 +1,2 @@
 r
-s
+t
`;
    expect(await sentences(diff)).toEqual([
      'Changed change (+1 -1).',
      'Wrote new/file (2 lines).',
      'Deleted delete (1 line).',
      'Renamed rename to renamed (+1 -1).',
    ]);
    expect((await readdir(workspace)).sort()).toEqual(['.git', 'change', 'new', 'renamed']);
    expect(await get('change')).toBe('a\nB\nc\n');
    expect(await get('new/file')).toBe('n\nm');
    expect((await stat(join(workspace, 'new/file'))).mode & 0o777).toBe(0o755);
    expect(await get('renamed')).toBe('r\nt\n');
  });

  it('renames without a change, and makes empty files', async () => {
    await put('old', 'same\n');
    await applyDiff(
      workspace,
      'diff --git a/old b/young\nsimilarity index 100%\nrename from old\nrename to young\n' +
        'diff --git a/empty b/empty\nnew file mode 100644\nindex 0000000..e69de29\n',
    );
    expect(await get('young')).toBe('same\n');
    expect(await get('empty')).toBe('');
    await expect(get('old')).rejects.toThrow('ENOENT');
  });

  it('takes names without a/ and b/', async () => {
    await put('x', '1\n');
    await applyDiff(workspace, '--- x\n+++ x\n@@ -1 +1 @@\n-1\n+2\n');
    expect(await get('x')).toBe('2\n');
  });

  it('finds its place when the file has moved on, and bears a little difference around it', async () => {
    await put('x', 'new line\nnew line\na\nb changed\nc\nd\ne\n');
    await applyDiff(workspace, '--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n a\n b\n c\n-d\n+D\n e\n');
    expect(await get('x')).toBe('new line\nnew line\na\nb changed\nc\nD\ne\n');
  });

  it('does nothing at all when one part does not fit, and says which', async () => {
    await put('good', 'a\n');
    await put('bad', `${[1, 2, 3, 4, 5, 6, 7, 8, 9].join('\n')}\n`);
    const diff = `--- a/good
+++ b/good
@@ -1 +1 @@
-a
+b
--- a/bad
+++ b/bad
@@ -1,2 +1,2 @@
-1
+one
 2
@@ -7,2 +7,2 @@
-seven
+SEVEN
 8
`;
    await expect(applyDiff(workspace, diff)).rejects.toThrow('bad, line 7');
    expect(await get('good')).toBe('a\n');
    expect((await get('bad')).startsWith('1\n')).toBe(true);
  });

  it('puts back what was written when the disk refuses a later part', async () => {
    await put('first', 'a\n');
    await mkdir(join(workspace, 'locked'), { mode: 0o555 });
    const diff = '--- a/first\n+++ b/first\n@@ -1 +1 @@\n-a\n+b\n--- /dev/null\n+++ b/locked/new\n@@ -0,0 +1 @@\n+x\n';
    await expect(applyDiff(workspace, diff)).rejects.toThrow('locked/new cannot be written');
    expect(await get('first')).toBe('a\n');
    await chmod(join(workspace, 'locked'), 0o755);
  });

  it.each([
    ['--- a/../../x\n+++ b/../../x\n@@ -0,0 +1 @@\n+x\n', 'outside'],
    ['--- /dev/null\n+++ b/.git/hooks/post-commit\n@@ -0,0 +1 @@\n+x\n', '.git'],
    ['--- a/none\n+++ b/none\n@@ -1 +1 @@\n-x\n+y\n', 'does not exist'],
    ['--- /dev/null\n+++ b/there\n@@ -0,0 +1 @@\n+x\n', 'exists already'],
    ['--- a/there\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n', 'holds more'],
    ['--- a/binary\n+++ b/binary\n@@ -1 +1 @@\n-x\n+y\n', 'UTF-8'],
    ['diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n', 'symbolic link'],
    ['@@ -1 +1 @@\n-x\n+y\n', 'name its files'],
    ['--- a/there\n+++ b/there\n@@ -1,9 +1,9 @@\n-x\n+y\n', 'cannot be read'],
    ['', 'name its files'],
  ])('refuses %j', async (diff, reason) => {
    await put('there', '1\n2\n');
    await put('binary', Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    const attempt = applyDiff(workspace, diff);
    await expect(attempt).rejects.toThrow(EditError);
    await expect(attempt).rejects.toThrow(reason);
    expect((await readdir(workspace)).sort()).toEqual(['.git', 'binary', 'there']);
  });
});
