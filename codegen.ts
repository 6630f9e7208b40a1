import type { CodegenConfig } from '@graphql-codegen/cli';

/** schema.graphql and the documents of the client become client/gql: types, documents, and which types a union has. */
export default {
  schema: 'schema.graphql',
  documents: ['client/**/*.{ts,tsx}', '!client/gql/**', '!client/graphiql/**', '!client/**/*.test.tsx'],
  generates: {
    'client/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        inlineFragmentTypes: 'mask',
        nonOptionalTypename: true,
        skipTypeNameForRoot: true,
        customDirectives: { apolloUnmask: true },
        useTypeImports: true,
        enumsAsTypes: true,
        importExtension: '.ts',
        defaultScalarType: 'unknown',
        scalars: { DateTime: 'string' },
      },
    },
    'client/gql/possible-types.ts': {
      plugins: ['fragment-matcher'],
      config: { useExplicitTyping: true },
    },
  },
} satisfies CodegenConfig;
