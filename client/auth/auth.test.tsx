import { screen, waitFor } from '@testing-library/react';
import { FakeServer, type Fields } from '../test/fake-server.ts';
import { open } from '../test/render.tsx';

describe('who is asking', () => {
  it('tells somebody who is not signed in where the link is', async () => {
    const server = new FakeServer();
    server.viewer = null;
    open(server, '/projects/1');
    expect(await screen.findByRole('heading', { name: 'Open your sign-in link' })).toBeVisible();
    expect(screen.getByText(/in the terminal where it was started/)).toBeVisible();
    expect(screen.queryByRole('navigation')).not.toBeInTheDocument();
  });

  it('signs out', async () => {
    const { user } = open(new FakeServer());
    await user.click(await screen.findByRole('button', { name: 'Account of Mio Ono' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
    expect(await screen.findByRole('heading', { name: 'Open your sign-in link' })).toBeVisible();
  });

  it('keeps the chosen theme', async () => {
    const { user } = open(new FakeServer());
    await user.click(await screen.findByRole('button', { name: 'Account of Mio Ono' }));
    await user.click(await screen.findByRole('menuitemradio', { name: 'Dark' }));
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
    expect(localStorage.getItem('kosuke.theme')).toBe('dark');
  });
});

describe('the state of the sandbox', () => {
  const withSandbox = (fields: Fields) => {
    const server = new FakeServer();
    const { sandbox } = (server.viewer as { server: { sandbox: Fields } }).server;
    Object.assign(sandbox, fields);
    return server;
  };

  it('warns on every page when agents run without one', async () => {
    open(withSandbox({ isUnsafe: true, engine: 'none' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Agents run with all the rights of the server');
  });

  it('says what to install when agents cannot run', async () => {
    open(withSandbox({ available: false, message: 'bubblewrap is not installed.' }));
    expect(await screen.findByText(/bubblewrap is not installed/)).toBeVisible();
  });
});
