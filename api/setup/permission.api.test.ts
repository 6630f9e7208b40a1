import { jest } from '@jest/globals';
import { newProject, newSession } from '../test/conversation.ts';
import { makeRepository } from '../test/git-fixture.ts';
import { signInMember } from '../test/member.ts';
import { setFile, setUp, updateSetup } from '../test/setup.ts';
import { startTestApp, type TestApp } from '../test/testkit.ts';

jest.setTimeout(60_000);

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
}, 60_000);
afterAll(() => app?.close());

describe('the setup and the variables of a project', () => {
  it('cannot be told from what does not exist by those it is not for', async () => {
    const mika = await signInMember(app, 'mika');
    const projectId = await newProject(app);
    await setFile(app, projectId, '.env', 'A=1');
    await updateSetup(app, projectId, { script: 'echo set up' });
    const session = await newSession(app, projectId);
    await setUp(app, session.id);
    const error = '... on UserError { code }';
    const { data, errors } = await app.answer(
      `mutation ($projectId: ID!, $sessionId: ID!) {
         setEnvironmentVariable(input: { projectId: $projectId, name: "A", value: "x" }) { ${error} }
         importEnvironmentVariables(input: { projectId: $projectId, text: "A=x" }) { ${error} }
         deleteEnvironmentVariable(projectId: $projectId, name: "A") { ${error} }
         updateProjectSetup(input: { projectId: $projectId, script: "id" }) { ${error} }
         setProjectFile(input: { projectId: $projectId, path: "a", content: "x" }) { ${error} }
         deleteProjectFile(projectId: $projectId, path: ".env") { ${error} }
         rerunSetup(chatSessionId: $sessionId) { ${error} }
         stopSetup(chatSessionId: $sessionId) { ${error} }
       }`,
      { projectId, sessionId: session.id },
      mika,
    );
    expect(errors).toBeUndefined();
    const codes = Object.values(data).map((result) => (result as { code: string }).code);
    expect(codes).toEqual(Array(8).fill('NOT_FOUND'));
    const { project } = await app.ask(
      'query ($id: ID!) { project(id: $id) { environmentVariables { name } files { path } setup { script } } }',
      { id: projectId },
    );
    expect(project).toEqual({
      environmentVariables: [],
      files: [{ path: '.env' }],
      setup: { script: 'echo set up' },
    });
  });

  it('are everybody’s own for their projects, but only the owner has files copied from the disk of the server', async () => {
    const noa = await signInMember(app, 'noa');
    const repository = await makeRepository();
    const { data } = await app.answer(
      'mutation ($path: String!) { createProject(input: { localPath: $path }) { ... on Project { id } } }',
      { path: repository.path },
      noa,
    );
    const projectId = data.createProject.id;
    const change = async (input: Record<string, unknown>) =>
      (
        await app.answer(
          `mutation ($input: UpdateProjectSetupInput!) { updateProjectSetup(input: $input) {
             ... on ProjectSetup { script copiedFiles } ... on InvalidInput { field message } } }`,
          { input: { projectId, ...input } },
          noa,
        )
      ).data.updateProjectSetup;
    expect(await change({ script: 'echo mine' })).toEqual({ script: 'echo mine', copiedFiles: [] });
    expect(await change({ copiedFiles: ['.env'] })).toMatchObject({
      field: 'copiedFiles',
      message: expect.stringContaining('owner'),
    });
    expect(await updateSetup(app, projectId, { copiedFiles: ['.env'] })).toMatchObject({ copiedFiles: ['.env'] });
    await repository.remove();
  });
});
