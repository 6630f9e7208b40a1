import { ApolloLink } from '@apollo/client';
import { act } from '@testing-library/react';
import { type ExecutionResult, execute, subscribe } from 'graphql';
import { Observable } from 'rxjs';
import type { Connection } from '../apollo/connection.ts';
import type { FakeServer } from './fake-server.ts';

type Restart = () => void;

/** Leads to a FakeServer without a network, which can be cut. */
export class FakeLink extends ApolloLink {
  private isCut = false;
  private readonly subscriptions = new Map<object, { stop(): void; start: Restart }>();

  constructor(
    private readonly server: FakeServer,
    private readonly connection: Connection,
  ) {
    super();
  }

  /** From now on nothing reaches the server, and nothing comes from it. */
  cut(): void {
    this.isCut = true;
    for (const { stop } of this.subscriptions.values()) stop();
    act(() => this.connection.lost());
  }

  /** Subscriptions begin again, as the socket does it: with the variables that hold then. */
  heal(): void {
    this.isCut = false;
    for (const { start } of this.subscriptions.values()) start();
    act(() => this.connection.up());
  }

  override request(operation: ApolloLink.Operation): Observable<ApolloLink.Result> {
    const { query: document, variables, operationName, operationType } = operation;
    const { schema } = this.server;
    return new Observable((observer) => {
      if (operationType !== 'subscription') {
        if (this.isCut) return observer.error(new TypeError('Failed to fetch'));
        void Promise.resolve(execute({ schema, document, variableValues: variables, operationName })).then((result) => {
          if (this.isCut) return observer.error(new TypeError('Failed to fetch'));
          // As over a network: what was answered does not change with the server.
          observer.next(plain(result) as ApolloLink.Result);
          observer.complete();
        });
        return;
      }
      const { resumeWith } = operation.getContext();
      const key = {};
      let stop = () => {};
      const start = () => {
        let isStopped = false;
        stop = () => {
          isStopped = true;
        };
        const variableValues = resumeWith?.() ?? variables;
        void Promise.resolve(subscribe({ schema, document, variableValues, operationName })).then(async (stream) => {
          if (!(Symbol.asyncIterator in stream)) return observer.next(plain(stream) as ApolloLink.Result);
          stop = () => {
            isStopped = true;
            void stream.return?.();
          };
          for await (const result of stream) if (!isStopped) observer.next(plain(result) as ApolloLink.Result);
        });
      };
      this.subscriptions.set(key, { stop: () => stop(), start });
      if (!this.isCut) start();
      return () => {
        this.subscriptions.delete(key);
        stop();
      };
    });
  }
}

const plain = (result: ExecutionResult): unknown => JSON.parse(JSON.stringify(result));
