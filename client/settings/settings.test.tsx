import { screen, waitFor, within } from '@testing-library/react';
import { FakeServer, type Fields } from '../test/fake-server.ts';
import { open } from '../test/render.tsx';

const setup = {
  ...{
    script: null,
    runsRepositoryScript: false,
    timeoutSeconds: 600,
    copiedFiles: [],
    cachedFolders: ['node_modules'],
  },
};

function settings(fields: Fields = {}) {
  const server = new FakeServer();
  const project = server.addProject('shop', { environmentVariables: [], files: [], setup, ...fields });
  return { server, project, address: `/projects/${project.id}/settings` };
}

const variable = (name: string, fields: Fields = {}) => ({
  ...{ id: name, name, value: null, isSecret: true, scopes: ['AGENT', 'SETUP', 'PREVIEW'] },
  ...{ updatedAt: new Date().toISOString(), ...fields },
});

it('adds a variable, and says what is wrong with its name', async () => {
  const { server, project, address } = settings();
  const asked: Fields[] = [];
  server.mutations.setEnvironmentVariable = ({ input }) => {
    asked.push(input as Fields);
    if ((input as Fields).name === 'PATH') {
      return { __typename: 'InvalidInput', field: 'name', code: 'INVALID_INPUT', message: 'PATH is set by Kosuke.' };
    }
    project.environmentVariables = [variable('API_KEY')];
    return { __typename: 'EnvironmentVariable', ...variable('API_KEY') };
  };
  const { user } = open(server, address);
  await user.click(await screen.findByRole('button', { name: 'Add variable' }));
  const dialog = await screen.findByRole('dialog', { name: 'Add a variable' });
  await user.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'PATH');
  await user.type(within(dialog).getByRole('textbox', { name: 'Value' }), 'x');
  await user.click(within(dialog).getByRole('button', { name: 'Save variable' }));
  expect(await within(dialog).findByText('PATH is set by Kosuke.')).toBeVisible();

  await user.clear(within(dialog).getByRole('textbox', { name: 'Name' }));
  await user.type(within(dialog).getByRole('textbox', { name: 'Name' }), 'API_KEY');
  await user.click(within(dialog).getByRole('button', { name: 'Save variable' }));
  expect(await screen.findByText('API_KEY')).toBeVisible();
  expect(screen.getByText('secret')).toBeVisible();
  expect(asked.at(-1)).toMatchObject({ name: 'API_KEY', value: 'x', isSecret: true });
});

it('keeps a secret that is not typed anew', async () => {
  const { server, address } = settings({ environmentVariables: [variable('API_KEY')] });
  let asked: Fields = {};
  server.mutations.setEnvironmentVariable = ({ input }) => {
    asked = input as Fields;
    return { __typename: 'EnvironmentVariable', ...variable('API_KEY', { scopes: ['SETUP'] }) };
  };
  const { user } = open(server, address);
  await user.click(await screen.findByRole('button', { name: 'Menu of API_KEY' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit' }));
  await user.click(await screen.findByRole('checkbox', { name: 'The preview' }));
  await user.click(screen.getByRole('button', { name: 'Save variable' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked).toMatchObject({ scopes: ['AGENT', 'SETUP'] });
  expect(asked.value).toBeUndefined();
});

it('names the lines of a .env file that were refused', async () => {
  const { server, address } = settings();
  server.mutations.importEnvironmentVariables = () => ({
    __typename: 'ImportEnvironmentVariablesSuccess',
    variables: [variable('A')],
    refusedLines: [{ line: 2, name: 'PATH', reason: 'PATH is set by Kosuke.' }],
  });
  const { user } = open(server, address);
  await user.click(await screen.findByRole('button', { name: 'Paste a .env file' }));
  await user.type(await screen.findByRole('textbox', { name: 'Lines' }), 'A=1{enter}PATH=2');
  await user.click(screen.getByRole('button', { name: 'Set variables' }));
  expect(await screen.findByText(/PATH is set by Kosuke/)).toBeVisible();
  expect(screen.getByText(/1 variable was set/)).toBeVisible();
});

it('saves how new chats are set up', async () => {
  const { server, address } = settings();
  let asked: Fields = {};
  server.mutations.updateProjectSetup = ({ input }) => {
    asked = input as Fields;
    return { __typename: 'ProjectSetup', ...setup, script: 'npm ci' };
  };
  const { user } = open(server, address);
  await user.type(await screen.findByRole('textbox', { name: 'Script' }), 'npm ci');
  await user.click(screen.getByRole('button', { name: 'Save setup' }));
  expect(await screen.findByText('Saved. Chats made from now on are set up so.')).toBeVisible();
  expect(asked).toMatchObject({ script: 'npm ci', timeoutSeconds: 600, cachedFolders: ['node_modules'] });
});
