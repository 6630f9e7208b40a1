import 'graphiql/setup-workers/vite';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './graphiql.css';

const FIRST_QUERY = `# Ask on the left, read on the right; press the button in between, or Ctrl Enter.
# What can be asked is in the book at the top left. Subscriptions work, too.

query Overview {
  viewer {
    name
    server {
      version
      sandbox {
        engine
        available
      }
    }
  }
  projects(first: 5) {
    totalCount
    nodes {
      id
      name
      defaultBranch
      sessions(first: 5) {
        nodes {
          id
          title
          branch
          messageCount
        }
      }
    }
  }
}

# Everything that happens in a session, from its beginning, then live:
#
# subscription Watch {
#   chatSessionEvents(chatSessionId: "the id of a session", after: 0) {
#     __typename
#     seq
#     ... on TextAppended {
#       text
#     }
#   }
# }
`;

const fetcher = createGraphiQLFetcher({
  url: '/graphql',
  headers: { 'apollo-require-preflight': '1' },
  wsClient: createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: true,
  }),
});

const root = document.getElementById('graphiql');
if (!root) throw new Error('The page has no element for GraphiQL.');

createRoot(root).render(
  <StrictMode>
    <GraphiQL fetcher={fetcher} defaultQuery={FIRST_QUERY} />
  </StrictMode>,
);
