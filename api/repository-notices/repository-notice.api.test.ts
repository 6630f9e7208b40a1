import { rm } from 'node:fs/promises';
import { newProject } from '../test/conversation.ts';
import { type Fixture, git, makeRepository } from '../test/git-fixture.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

let kit: TestApp;
const fixtures: Fixture[] = [];

beforeAll(async () => {
  kit = await startTestApp();
}, 60_000);

afterAll(async () => {
  await kit?.close();
  for (const fixture of fixtures) await fixture.remove();
});

/** Asked again until the project is prepared; before that nobody can tell. */
async function noticesOf(path: string): Promise<{ kind: string; message: string }[]> {
  const id = await newProject(kit, { localPath: path });
  const stream = kit.watch('subscription { projectChanged { kind } }');
  const changed = stream.next();
  for (;;) {
    const { project } = await kit.ask(
      'query ($id: ID!) { project(id: $id) { status statusMessage repositoryNotices { kind message } } }',
      { id },
    );
    if (project.status === 'FAILED') throw new Error(project.statusMessage);
    if (project.repositoryNotices) {
      await stream.return?.();
      return project.repositoryNotices;
    }
    await Promise.race([changed, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
}

describe('what a person is told of a repository', () => {
  it('is that files are kept by Git LFS, converted or in submodules, and that history is missing', async () => {
    const fixture = await makeRepository({
      '.gitattributes': '*.psd filter=lfs -text\n',
      'sub/.gitattributes': '*.x filter=secret-keeper\n*.y working-tree-encoding=UTF-16\n',
    });
    fixtures.push(fixture);
    await git(fixture.path, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},libs/one`);
    await git(fixture.path, 'commit', '--quiet', '--message=Second');
    const shallow = `${fixture.path}-shallow`;
    await git(fixture.path, 'clone', '--quiet', '--depth=1', `file://${fixture.path}`, shallow);
    const notices = await noticesOf(shallow);
    await rm(shallow, { recursive: true });
    expect(notices.map(({ kind }) => kind)).toEqual([
      'LARGE_FILE_STORAGE',
      'FILTERS',
      'ENCODINGS',
      'SUBMODULES',
      'SHALLOW_HISTORY',
    ]);
    const text = notices.map(({ message }) => message).join(' ');
    for (const name of ['secret-keeper', 'UTF-16', 'libs/one']) expect(text).toContain(name);
  }, 30_000);

  it('is nothing of an ordinary one', async () => {
    const fixture = await makeRepository();
    fixtures.push(fixture);
    expect(await noticesOf(fixture.path)).toEqual([]);
  }, 30_000);
});
