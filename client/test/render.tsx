import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { MemoryRouter } from 'react-router';
import { makeClient } from '../apollo/client.ts';
import { Connection } from '../apollo/connection.ts';
import { Providers } from '../app/Providers.tsx';
import { AppRoutes } from '../app/routes.tsx';
import { FakeLink } from './fake-link.ts';
import type { FakeServer } from './fake-server.ts';

/** Opens a page of the client at an address, answered by the given server. */
export function open(server: FakeServer, address = '/') {
  const connection = new Connection();
  const link = new FakeLink(server, connection);
  const client = makeClient(link);
  render(
    <Providers client={client} connection={connection}>
      <MemoryRouter initialEntries={[address]}>
        <AppRoutes />
      </MemoryRouter>
    </Providers>,
  );
  return { user: userEvent.setup(), link, client };
}
