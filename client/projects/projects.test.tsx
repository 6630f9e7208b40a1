import { screen } from '@testing-library/react';
import { FakeServer } from '../test/fake-server.ts';
import { open } from '../test/render.tsx';

describe('the first project', () => {
  it('says beside the field why an address is refused', async () => {
    const server = new FakeServer();
    server.mutations.createProject = () => ({
      __typename: 'SourceRefused',
      code: 'SCHEME_NOT_ALLOWED',
      message: 'Only https addresses can be used.',
    });
    const { user } = open(server);
    await user.click(await screen.findByRole('button', { name: /From a folder or URL/ }));
    const field = screen.getByLabelText('Folder or URL');
    await user.type(field, 'file:///etc');
    await user.click(screen.getByRole('button', { name: 'Add project' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Only https addresses can be used.');
    expect(field).toHaveAccessibleDescription('Only https addresses can be used.');
    expect(field).toHaveValue('file:///etc');
  });

  it.each([
    ['/srv/git/shop', { localPath: '/srv/git/shop' }],
    ['https://git.example.com/shop.git', { gitUrl: 'https://git.example.com/shop.git' }],
    ['git@git.example.com:shop.git', { gitUrl: 'git@git.example.com:shop.git' }],
  ])('asks for %s as what it is', async (source, expected) => {
    const server = new FakeServer();
    let asked: unknown;
    server.mutations.createProject = ({ input }) => {
      asked = input;
      return server.addProject('shop');
    };
    const { user } = open(server);
    await user.click(await screen.findByRole('button', { name: /From a folder or URL/ }));
    await user.type(screen.getByLabelText('Folder or URL'), source);
    await user.click(screen.getByRole('button', { name: 'Add project' }));
    expect(await screen.findByRole('heading', { name: 'No chat is open' })).toBeVisible();
    expect(asked).toEqual({ ...expected, name: null });
  });

  it('begins one from a template', async () => {
    const server = new FakeServer();
    let asked: unknown;
    server.mutations.createProject = ({ input }) => {
      asked = input;
      return server.addProject('site');
    };
    const { user } = open(server);
    await user.click(await screen.findByRole('button', { name: /From a template/ }));
    await user.type(screen.getByLabelText('Name'), 'site');
    await user.click(screen.getByRole('radio', { name: /Empty/ }));
    await user.click(screen.getByRole('button', { name: 'Add project' }));
    await screen.findByRole('heading', { name: 'No chat is open' });
    expect(asked).toEqual({ template: 'EMPTY', name: 'site' });
  });
});

describe('projects', () => {
  it('lists them, and renames one', async () => {
    const server = new FakeServer();
    const shop = server.addProject('shop');
    server.mutations.updateProject = ({ input }) => Object.assign(shop, input);
    const { user } = open(server);
    await user.click(await screen.findByRole('button', { name: 'Menu of shop' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Rename' }));
    const field = await screen.findByLabelText('Name');
    await user.clear(field);
    await user.type(field, 'atelier{Enter}');
    expect(await screen.findByRole('link', { name: 'atelier' })).toBeVisible();
  });

  it('says so when there is no such project', async () => {
    open(new FakeServer(), '/projects/7');
    expect(await screen.findByRole('heading', { name: 'No such project' })).toBeVisible();
  });

  it('tells how far a repository is', async () => {
    const server = new FakeServer();
    const shop = server.addProject('shop', { status: 'PREPARING', progress: 0.4, statusMessage: 'Receiving objects.' });
    open(server, `/projects/${shop.id}/chats`);
    expect(await screen.findByText(/Receiving objects/)).toBeVisible();
    expect(screen.getByText('40 %')).toBeVisible();
    server.tell('projects', { kind: 'UPDATED', projectId: shop.id, project: Object.assign(shop, { progress: 0.9 }) });
    expect(await screen.findByText('90 %')).toBeVisible();
  });
});
