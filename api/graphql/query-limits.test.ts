import 'reflect-metadata';
import { getIntrospectionQuery } from 'graphql';
import { type SmallServer, startSmallServer } from '../test/small-server.ts';

interface Answer {
  data?: unknown;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

let server: SmallServer;

beforeAll(async () => {
  server = await startSmallServer();
});
afterAll(() => server.close());

const overHttp = async (query: string, variables?: Record<string, unknown>): Promise<Answer> =>
  (await server.post({ query, variables })).json() as Promise<Answer>;

const overWebsocket = async (query: string, variables?: Record<string, unknown>): Promise<Answer> => {
  const results = server.socket().iterate({ query, variables });
  try {
    const { value } = await results.next();
    return value as Answer;
  } catch (errors) {
    return { errors: errors as Answer['errors'] };
  } finally {
    await results.return?.();
  }
};

const nested = (depth: number, leaf = 'name') =>
  `{ thing ${'{ next '.repeat(depth)} { ${leaf} } ${'}'.repeat(depth)} }`;
const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, n) => `a${n}: viewer`).join(' ')} }`;

describe.each([
  ['http', overHttp],
  ['a websocket', overWebsocket],
])('over %s', (_, ask) => {
  it('answers what stays within the limits', async () => {
    await expect(ask(nested(8))).resolves.toHaveProperty('data.thing');
    await expect(ask(aliases(30))).resolves.toHaveProperty('data.a29');
    await expect(ask('{ things(first: 100) { nodes { parts { name } } } }')).resolves.toHaveProperty('data.things');
    const smallPages =
      '{ things(first: 5) { nodes { things(first: 5) { nodes { things(last: 5) { nodes { name } } } } } } }';
    await expect(ask(smallPages)).resolves.toHaveProperty('data.things');
  });

  it('answers the full introspection query of GraphiQL', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, oneOf: true });
    await expect(ask(query)).resolves.toHaveProperty('data.__schema.queryType');
  });

  it.each([
    ['too deep', nested(12), undefined, 'QUERY_TOO_LARGE', /more than 12 fields deep/],
    [
      'too deep inside fragments',
      `fragment A on Thing { next { next { next { next { next { ...B } } } } } }
       fragment B on Thing { next { next { next { next { next { next { next { name } } } } } } } }
       { thing { ...A } }`,
      undefined,
      'QUERY_TOO_LARGE',
      /more than 12 fields deep/,
    ],
    [
      'of fragments that double each other',
      `${Array.from({ length: 20 }, (_, n) => `fragment F${n} on Thing { ...F${n + 1} ...F${n + 1} }`).join(' ')}
       fragment F20 on Thing { name } { thing { ...F0 } }`,
      undefined,
      'QUERY_TOO_LARGE',
      /maximum allowed number of nodes/,
    ],
    ['with too many aliases', aliases(31), undefined, 'QUERY_TOO_LARGE', /more than 30 aliases/],
    [
      'too costly',
      '{ things(first: 100) { nodes { things(first: 100) { nodes { things(first: 100) { nodes { name } } } } } } }',
      undefined,
      'QUERY_TOO_LARGE',
      /could hold \d+ objects; 20000 are allowed/,
    ],
    [
      'too costly by its variables',
      'query Costly($n: Int) { things(last: $n) { nodes { things(last: $n) { nodes { parts { parts { name } } } } } } }',
      { n: 90 },
      'QUERY_TOO_LARGE',
      /objects/,
    ],
    [
      'for a page too big',
      '{ things(first: 101) { nodes { name } } }',
      undefined,
      'BAD_USER_INPUT',
      /0 to 100 items; 101/,
    ],
    [
      'for a page too big by its variables',
      'query ($n: Int) { things(last: $n) { nodes { name } } }',
      { n: 1_000_000 },
      'BAD_USER_INPUT',
      /0 to 100 items; 1000000/,
    ],
    ['of too many words', `{ ${'viewer '.repeat(2100)} }`, undefined, 'GRAPHQL_PARSE_FAILED', /token/],
    ['for what is not there', '{ nothing }', undefined, 'GRAPHQL_VALIDATION_FAILED', /Cannot query field "nothing"/],
  ])('refuses an operation %s', async (_name, query, variables, code, message) => {
    const { data, errors } = await ask(query, variables);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]).toMatchObject({ message: expect.stringMatching(message), extensions: { code } });
  });
});

it('answers refused operations over http as mistakes of the request', async () => {
  const response = await server.post({ query: nested(12) });
  expect(response.status).toBe(400);
});
