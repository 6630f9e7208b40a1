import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import type { BuildSchemaOptions } from 'type-graphql';

const DateTime = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  description: 'A moment, as RFC 3339 writes it, in UTC: 2026-03-01T09:30:00.000Z.',
});

/** How the classes of the code are written in the schema. */
export const scalarsMap: NonNullable<BuildSchemaOptions['scalarsMap']> = [{ type: Date, scalar: DateTime }];
