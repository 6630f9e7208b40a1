import { type FieldPolicy, InMemoryCache, type Reference } from '@apollo/client';
import possibleTypes from '../gql/possible-types.ts';

interface StoredPage {
  nodes: Reference[];
  pageInfo?: Record<string, unknown>;
}

/** A list that is read from its newest end: earlier pages come in front, a fresh last page keeps those loaded before. */
const readBackwards: FieldPolicy<StoredPage> = {
  keyArgs: false,
  merge(existing, incoming, { args }) {
    if (!existing || !incoming) return incoming;
    const known = existing.nodes.map(({ __ref }) => __ref);
    if (args?.before) {
      const earlier = incoming.nodes.filter(({ __ref }) => !known.includes(__ref));
      return { ...incoming, nodes: [...earlier, ...existing.nodes] };
    }
    const first = incoming.nodes[0];
    const overlap = first ? known.indexOf(first.__ref) : -1;
    if (overlap <= 0) return incoming;
    return {
      ...incoming,
      nodes: [...existing.nodes.slice(0, overlap), ...incoming.nodes],
      pageInfo: existing.pageInfo,
    };
  },
};

/** A list that is read from its front: later pages are put behind. */
const readForwards: FieldPolicy<StoredPage> = {
  keyArgs: ['filter', 'orderBy'],
  merge(existing, incoming, { args }) {
    if (!existing || !args?.after || !incoming) return incoming;
    const known = new Set(existing.nodes.map(({ __ref }) => __ref));
    return { ...incoming, nodes: [...existing.nodes, ...incoming.nodes.filter(({ __ref }) => !known.has(__ref))] };
  },
};

export function makeCache(): InMemoryCache {
  return new InMemoryCache({
    possibleTypes: possibleTypes.possibleTypes,
    typePolicies: {
      Query: {
        fields: {
          // What a list has loaded already is shown at once on the page of its own.
          // Null is an answer too: there is no such thing.
          project: {
            read: (known, { args, toReference }) =>
              known === undefined ? toReference({ __typename: 'Project', id: args?.id }) : known,
          },
          chatSession: {
            read: (known, { args, toReference }) =>
              known === undefined ? toReference({ __typename: 'ChatSession', id: args?.id }) : known,
          },
        },
      },
      Project: { fields: { sessions: readForwards } },
      ChatSession: {
        fields: {
          messages: readBackwards,
          // The list is always asked for whole; the answer replaces it.
          queuedMessages: { merge: (_, incoming) => incoming },
          // It has no id, and its fields are asked for in more than one place.
          workspace: { merge: true },
        },
      },
      // Parts have no id: the answer replaces them.
      Message: { fields: { parts: { merge: (_, incoming) => incoming } } },
      // One server, one who asks: these have no ids that matter.
      ServerInfo: { keyFields: [] },
    },
  });
}
