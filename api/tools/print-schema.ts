import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from '../schema.ts';

/** Writes the schema, sorted, to the given file; schema.graphql of the working directory when none is given. */
const path = process.argv[2] ?? 'schema.graphql';
writeFileSync(path, `${printSchema(lexicographicSortSchema(await createSchema()))}\n`);
