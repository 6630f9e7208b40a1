import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type ValidationRule,
  validate,
} from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';
import { MAX_PAGE_SIZE, tooBigPage } from './connection.ts';

/** How much one operation may ask. The client's own largest one uses less than half of each. */
export const LIMITS = {
  /** Words and signs of the document; the full introspection query has some 400. */
  tokens: 2000,
  /** Fields inside fields; fragments do not count, nor does introspection, which GraphQL limits by itself. */
  depth: 12,
  aliases: 30,
  /** Objects the answer can hold. */
  cost: 20_000,
} as const;

/** Taken for a list that cannot be asked for in pages. */
const USUAL_LIST_SIZE = 10;

interface AskedOperation {
  readonly schema: GraphQLSchema;
  /** Valid for the schema: these rules look at nothing else. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** What forbids this operation, over whichever transport it came; empty when nothing does. */
export function exceededLimits({ schema, document, operation, variables }: AskedOperation): readonly GraphQLError[] {
  const errors = validate(schema, document, [depthRule, aliasesRule]);
  if (errors.length > 0) return errors;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...variables });
  // Variables that do not fit are refused by the execution, in better words. Those that do are counted as they came:
  // coerced ones, with enums already turned into values of the code, cannot be coerced again.
  return coerced ? costErrors(schema, document, operation, { ...variables }) : [];
}

function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'QUERY_TOO_LARGE' } });
}

const depthRule: ValidationRule = maxDepthRule({
  n: LIMITS.depth,
  flattenFragments: true,
  propagateOnRejection: false,
  onReject: [
    (context) => context?.reportError(tooMuch(`This operation is nested more than ${LIMITS.depth} fields deep.`)),
  ],
});

const aliasesRule: ValidationRule = maxAliasesRule({
  n: LIMITS.aliases,
  propagateOnRejection: false,
  onReject: [(context) => context?.reportError(tooMuch(`This operation has more than ${LIMITS.aliases} aliases.`))],
});

function costErrors(
  schema: GraphQLSchema,
  query: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): GraphQLError[] {
  const errors: GraphQLError[] = [];
  const estimator: ComplexityEstimator = ({ args, ...rest }) => {
    for (const size of [args.first, args.last]) if (size > MAX_PAGE_SIZE) errors.push(tooBigPage(size));
    return estimateCost({ args, ...rest });
  };
  let cost: number;
  try {
    cost = getComplexity({ schema, query, operationName: operation.name?.value, variables, estimators: [estimator] });
  } catch (error) {
    // Fragments that spread fragments twice grow without end; counting gives up at 10,000 fields.
    if (error instanceof GraphQLError) return [tooMuch(error.message)];
    throw error;
  }
  if (errors.length === 0 && cost > LIMITS.cost) {
    errors.push(tooMuch(`The answer could hold ${cost} objects; ${LIMITS.cost} are allowed. Ask for smaller pages.`));
  }
  return errors;
}

/** Objects a field can bring into the answer. */
const estimateCost: ComplexityEstimator = ({ field, type, args, childComplexity }) => {
  if (field.name.startsWith('__') || type.name.startsWith('__')) return 0;
  if (!isCompositeType(getNamedType(field.type))) return 0;
  const each = 1 + childComplexity;
  const pageSize = args.first ?? args.last;
  if (typeof pageSize === 'number') return 1 + pageSize * each;
  if (field.args.some(({ name }) => name === 'first' || name === 'last')) return 1 + MAX_PAGE_SIZE * each;
  // The items of a page are counted where the page is asked for.
  const isPage = isObjectType(type) && 'pageInfo' in type.getFields();
  return isList(field.type) && !isPage ? USUAL_LIST_SIZE * each : each;
};

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
