import { screen, waitFor, within } from '@testing-library/react';
import { FakeServer } from '../test/fake-server.ts';
import { open } from '../test/render.tsx';

function shop() {
  const server = new FakeServer();
  const project = server.addProject('shop');
  const fix = server.addSession(project, 'Checkout rounding fix');
  const guide = server.addSession(project, 'Size guide', { unreadCount: 2 });
  return { server, project, fix, guide };
}

const sidebar = () => screen.findByRole('navigation', { name: 'Chats' });
const row = async (title: string) => within(await sidebar()).findByRole('link', { name: title });

describe('the list of chats', () => {
  it('shows the active ones and marks what is unread', async () => {
    const { server, project, guide } = shop();
    server.addSession(project, 'Old one', { status: 'ARCHIVED' });
    open(server, `/projects/${project.id}/chats`);
    await row('Checkout rounding fix');
    const item = (await row('Size guide')).closest('li');
    expect(item).toHaveTextContent('2 unread');
    expect(item).toHaveTextContent(guide.id);
    expect(screen.queryByRole('link', { name: 'Old one' })).not.toBeInTheDocument();
  });

  it('opens archived chats when asked', async () => {
    const { server, project } = shop();
    server.addSession(project, 'Old one', { status: 'ARCHIVED' });
    const { user } = open(server, `/projects/${project.id}/chats`);
    await user.click(await screen.findByRole('button', { name: /Archived/ }));
    await row('Old one');
  });

  it('finds chats by what is typed', async () => {
    const { server, project } = shop();
    const { user } = open(server, `/projects/${project.id}/chats`);
    await row('Size guide');
    await user.keyboard('/');
    await user.keyboard('rounding');
    await waitFor(() => expect(screen.queryByRole('link', { name: 'Size guide' })).not.toBeInTheDocument());
    await row('Checkout rounding fix');
  });

  it('follows what others do', async () => {
    const { server, project, fix } = shop();
    open(server, `/projects/${project.id}/chats`);
    await row('Checkout rounding fix');
    server.change(fix, { title: 'Cents everywhere' });
    await row('Cents everywhere');
    const added = server.addSession(project, 'Made elsewhere');
    server.change(added, {}, 'CREATED');
    await row('Made elsewhere');
  });

  it('moves between chats with J and K', async () => {
    const { server, project, fix, guide } = shop();
    Object.assign(fix, { lastActivityAt: '2026-01-02T00:00:00.000Z' });
    Object.assign(guide, { lastActivityAt: '2026-01-01T00:00:00.000Z' });
    const { user } = open(server, `/projects/${project.id}/chats`);
    await row('Checkout rounding fix');
    await user.keyboard('j');
    await waitFor(async () => expect(await row('Checkout rounding fix')).toHaveAttribute('aria-current', 'page'));
    await user.keyboard('j');
    await waitFor(async () => expect(await row('Size guide')).toHaveAttribute('aria-current', 'page'));
    await user.keyboard('k');
    await waitFor(async () => expect(await row('Checkout rounding fix')).toHaveAttribute('aria-current', 'page'));
  });

  it('says so when there is no such chat', async () => {
    const { server, project } = shop();
    open(server, `/projects/${project.id}/chats/nope`);
    expect(await screen.findByRole('heading', { name: 'No such chat' })).toBeVisible();
  });

  it('opens the chat that was open last when the address names the project only', async () => {
    const { server, project, guide } = shop();
    project.selectedSession = guide;
    open(server, `/projects/${project.id}`);
    await waitFor(async () => expect(await row('Size guide')).toHaveAttribute('aria-current', 'page'));
  });
});

describe('renaming a chat', () => {
  async function rename(user: ReturnType<typeof open>['user'], keys: string) {
    await row('Size guide');
    await user.click(screen.getByRole('button', { name: 'Menu of Size guide' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Rename' }));
    const field = await screen.findByRole('textbox', { name: 'New name of Size guide' });
    await waitFor(() => expect(field).toHaveFocus());
    await user.clear(field);
    await user.keyboard(keys);
  }

  it('shows the new name before the server has answered', async () => {
    const { server, project } = shop();
    server.mutations.updateChatSession = () => new Promise(() => {});
    const { user } = open(server, `/projects/${project.id}/chats`);
    await rename(user, 'Sizes{Enter}');
    await row('Sizes');
  });

  it('goes back to the old name when the server refuses, and says why', async () => {
    const { server, project } = shop();
    server.mutations.updateChatSession = () => ({
      __typename: 'InvalidInput',
      field: 'title',
      code: 'INVALID',
      message: 'This title is taken.',
    });
    const { user } = open(server, `/projects/${project.id}/chats`);
    await rename(user, 'Sizes{Enter}');
    expect(await screen.findByText('This title is taken.')).toBeVisible();
    await row('Size guide');
  });

  it('keeps the old name on Esc', async () => {
    const { server, project, guide } = shop();
    const { user } = open(server, `/projects/${project.id}/chats`);
    await rename(user, 'Sizes{Escape}');
    await row('Size guide');
    expect(guide.title).toBe('Size guide');
  });
});

describe('deleting a chat', () => {
  async function remove(user: ReturnType<typeof open>['user']) {
    const link = await row('Size guide');
    await user.pointer({ keys: '[MouseRight]', target: link });
    await user.click(await screen.findByRole('menuitem', { name: 'Delete' }));
    await user.click(await screen.findByRole('button', { name: 'Delete chat' }));
  }

  it('asks first, takes the row away, and brings it back by Undo', async () => {
    const { server, project, guide } = shop();
    const { user } = open(server, `/projects/${project.id}/chats`);
    await remove(user);
    await waitFor(() => expect(screen.queryByRole('link', { name: 'Size guide' })).not.toBeInTheDocument());
    expect(guide.deletedAt).not.toBeNull();
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await row('Size guide');
    expect(guide.deletedAt).toBeNull();
  });

  it('takes the row away before the server has answered', async () => {
    const { server, project } = shop();
    server.mutations.deleteChatSession = () => new Promise(() => {});
    const { user } = open(server, `/projects/${project.id}/chats`);
    await remove(user);
    await waitFor(() => expect(screen.queryByRole('link', { name: 'Size guide' })).not.toBeInTheDocument());
  });

  it('puts the row back when the server cannot be reached', async () => {
    const { server, project } = shop();
    const { user, link } = open(server, `/projects/${project.id}/chats`);
    await row('Size guide');
    link.cut();
    await remove(user);
    expect(await screen.findByText(/The chat was not deleted/)).toBeVisible();
    await row('Size guide');
  });

  it('lists what is in the trash, and restores it', async () => {
    const { server, project } = shop();
    server.addSession(project, 'Thrown away', { deletedAt: '2026-01-01T00:00:00.000Z' });
    const { user } = open(server, `/projects/${project.id}/chats`);
    await user.click(await screen.findByRole('button', { name: /Trash/ }));
    await user.click(await screen.findByRole('button', { name: 'Restore Thrown away' }));
    expect(await screen.findByText('The trash is empty.')).toBeVisible();
    await user.keyboard('{Escape}');
    await row('Thrown away');
  });
});
