import type { ApolloClient } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import type { ReactNode } from 'react';
import { type Connection, ConnectionContext } from '../apollo/connection.ts';
import { ToastProvider } from '../ui/Toast.tsx';
import { RouteError } from './RouteError.tsx';

interface ProvidersProps {
  client: ApolloClient;
  connection: Connection;
  children: ReactNode;
}

/** What every part of the page may rely on. */
export function Providers({ client, connection, children }: ProvidersProps) {
  return (
    <RouteError>
      <ConnectionContext value={connection}>
        <ApolloProvider client={client}>
          <ToastProvider>{children}</ToastProvider>
        </ApolloProvider>
      </ConnectionContext>
    </RouteError>
  );
}
