import { ApolloLink } from '@apollo/client';
import { print } from 'graphql';
import { type Client, CloseCode, createClient } from 'graphql-ws';
import { Observable } from 'rxjs';
import type { Connection } from './connection.ts';

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
const PING_MS = 10_000;
const PONG_WITHIN_MS = 5_000;

declare module '@apollo/client' {
  interface DefaultContext {
    /** The variables to subscribe with when the line was lost in between: where to go on. */
    resumeWith?: () => Record<string, unknown>;
  }
}

/** The one socket of the page. It connects when something is watched, and never gives up. */
export function openSocket(url: string, connection: Connection, onRefused: () => void): Client {
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  const client: Client = createClient({
    url,
    lazy: true,
    keepAlive: PING_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) => waitToRetry(retries),
    on: {
      connected: () => connection.up(),
      closed: (event) => {
        clearTimeout(pongTimer);
        const { code, wasClean } = event as CloseEvent;
        if (code === CloseCode.Forbidden || code === CloseCode.Unauthorized) onRefused();
        else if (!(wasClean && code === 1000)) connection.lost();
      },
      // A line can die without being closed; then no pong comes, and the retry begins here.
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
    },
  });
  return client;
}

/** Doubling, with jitter so that not everybody returns to a restarted server at once; cut short when the network is back. */
function waitToRetry(retries: number): Promise<void> {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries);
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, most * (0.5 + Math.random() / 2));
    window.addEventListener('online', go);
  });
}

/** Carries subscriptions over graphql-ws. */
export class SocketLink extends ApolloLink {
  constructor(private readonly client: Client) {
    super();
  }

  override request(operation: ApolloLink.Operation): Observable<ApolloLink.Result> {
    const { query, operationName, variables } = operation;
    const { resumeWith } = operation.getContext();
    const payload = {
      query: print(query),
      operationName,
      // graphql-ws sends the same payload again after each reconnect; a getter lets it say then how far it has come.
      get variables() {
        return resumeWith?.() ?? variables;
      },
    };
    return new Observable((observer) =>
      this.client.subscribe<ApolloLink.Result['data'] & object>(payload, {
        next: (result) => observer.next(result as ApolloLink.Result),
        error: (error) => observer.error(error instanceof Error ? error : new SocketError(error)),
        complete: () => observer.complete(),
      }),
    );
  }
}

/** What graphql-ws reports, which is a close event or a list of errors, as an Error. */
class SocketError extends Error {
  override readonly name = 'SocketError';

  constructor(readonly reported: unknown) {
    super(Array.isArray(reported) ? reported.map(({ message }) => message).join(' ') : 'The connection was closed.');
  }
}
