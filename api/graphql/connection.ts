import { GraphQLError } from 'graphql';
import { type ClassType, Field, Int, ObjectType } from 'type-graphql';

/** So many rows one page may have at most. */
export const MAX_PAGE_SIZE = 100;

/** The arguments ask for a page that cannot be had. */
export class BadPage extends GraphQLError {
  constructor(message: string) {
    super(message, { extensions: { code: 'BAD_USER_INPUT' } });
  }
}

/** `first` or `last` as it was asked for. @throws BadPage */
export function pageSize(asked: number): number {
  if (Number.isInteger(asked) && asked >= 0 && asked <= MAX_PAGE_SIZE) return asked;
  throw tooBigPage(asked);
}

export function tooBigPage(asked: number): BadPage {
  return new BadPage(`A page has 0 to ${MAX_PAGE_SIZE} items; ${asked} were asked for. Take more pages instead.`);
}

/** Integers are those that fit PostgreSQL's bigint; they stay text, for some are beyond JavaScript's numbers. */
type CursorField = 'text' | 'integer';

const TEXT_MAX = 1000;

/** The place of a row in its order, not to be read by clients. */
export function encodeCursor(place: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * The place again. Cursors come from outside: name what each field holds before it goes into a query.
 * @throws BadPage
 */
export function decodeCursor<K extends string>(
  cursor: string,
  fields: Readonly<Record<K, CursorField>>,
): Record<K, string> {
  const place = parse(cursor);
  const names = Object.keys(fields) as K[];
  if (!names.every((name) => fits(place[name], fields[name]))) throw badCursor();
  return Object.fromEntries(names.map((name) => [name, place[name]])) as Record<K, string>;
}

function parse(cursor: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Not ours; said below.
  }
  throw badCursor();
}

function fits(value: unknown, field: CursorField): boolean {
  if (typeof value !== 'string' || value.length > TEXT_MAX || value.includes('\0')) return false;
  return field === 'text' || /^-?\d{1,18}$/.test(value);
}

function badCursor(): BadPage {
  return new BadPage('This cursor is not one of this list. Start again without it.');
}

@ObjectType({ description: 'Where a page lies in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follows; ask with after: endCursor.' })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether something comes before; ask with before: startCursor.' })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first item; null on an empty page.' })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last item; null on an empty page.' })
  readonly endCursor!: string | null;
}

/** What a service gives for one page of a list. */
export interface Page<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** Counted only when somebody asks. */
  readonly totalCount: () => Promise<number>;
}

/** The two object types of a list of `node`: `{name}Edge` and `{name}Connection`, which is made from a page. */
export function connectionOf<T extends object>(node: ClassType<T>, name: string) {
  @ObjectType(`${name}Edge`, { description: `One item of a ${name}Connection, and its place in it.` })
  class Edge {
    @Field(() => String, { description: 'The place of the item, to go on from.' })
    readonly cursor!: string;

    @Field(() => node, { description: 'The item.' })
    readonly node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `One page of a list: ${name} items in order.` })
  class Connection {
    private readonly page: Page<T>;

    constructor(page: Page<T>) {
      this.page = page;
    }

    @Field(() => [Edge], { description: 'The items with their cursors.' })
    get edges(): readonly Edge[] {
      return this.page.edges;
    }

    @Field(() => [node], { description: 'The items alone.' })
    get nodes(): readonly T[] {
      return this.page.edges.map((edge) => edge.node);
    }

    @Field(() => PageInfo, { description: 'Where this page lies in the list.' })
    get pageInfo(): PageInfo {
      const { edges, hasNextPage, hasPreviousPage } = this.page;
      return {
        hasNextPage,
        hasPreviousPage,
        startCursor: edges.at(0)?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      };
    }

    @Field(() => Int, { description: 'How many items the whole list has.' })
    get totalCount(): Promise<number> {
      return this.page.totalCount();
    }
  }

  return Connection;
}
