import { ApolloClient, ApolloLink, HttpLink } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { OperationTypeNode } from 'graphql';
import { makeCache } from './cache.ts';
import type { Connection } from './connection.ts';
import { hasCode } from './explain-error.ts';
import { openSocket, SocketLink } from './socket.ts';

/** The client over any link; the tests give one that needs no server. */
export function makeClient(link: ApolloLink): ApolloClient {
  return new ApolloClient({ link, cache: makeCache(), dataMasking: true });
}

/** The client of the page: questions over http, subscriptions over one socket, both at the address of the page. */
export function connect(connection: Connection): ApolloClient {
  const askWhoIsAsking = () => void client.refetchQueries({ include: ['Viewer'] });
  const http = new HttpLink({
    uri: '/graphql',
    credentials: 'same-origin',
    headers: { 'apollo-require-preflight': '1' },
  });
  const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`;
  const socket = new SocketLink(openSocket(socketUrl, connection, askWhoIsAsking));
  const signedOut = new ErrorLink(({ error, operation }) => {
    if (hasCode(error, 'UNAUTHENTICATED') && operation.operationName !== 'Viewer') askWhoIsAsking();
  });
  const client = makeClient(
    signedOut.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, socket, http),
  );
  return client;
}
