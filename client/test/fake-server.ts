import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { channel } from './channel.ts';

export type Fields = Record<string, unknown>;

export interface FakeMessage {
  __typename: 'Message';
  id: string;
  number: number | null;
  role: 'USER' | 'ASSISTANT';
  status: string;
  createdAt: string;
  author: Fields | null;
  run: Fields | null;
  parts: Fields[];
  text: string;
}

export interface FakeSession extends Fields {
  id: string;
  title: string;
  status: string;
  deletedAt: string | null;
  lastActivityAt: string;
  lastSeq: number;
  said: FakeMessage[];
  queuedMessages: FakeMessage[];
  latestRun: Fields | null;
}

export interface FakeProject extends Fields {
  id: string;
  name: string;
  chats: FakeSession[];
}

/** What differs, as the server tells it of these files. */
export function diffOf(files: Fields[]): Fields {
  const sum = (field: string) => files.reduce((total, file) => total + Number(file[field] ?? 0), 0);
  return {
    __typename: 'Diff',
    files: files.map((file) => ({
      ...{ oldPath: null, kind: 'MODIFIED', additions: 0, deletions: 0, isBinary: false, isImage: false },
      ...{ isUncounted: false, before: { mode: 'FILE', bytes: 10 }, after: { mode: 'FILE', bytes: 12 }, ...file },
    })),
    totalFiles: files.length,
    additions: sum('additions'),
    deletions: sum('deletions'),
    skippedPaths: [],
    note: null,
  };
}

const agent = { id: 'builtin', name: 'Built-in (no model)', hasModel: false };

/**
 * The api of the tests: the real schema over a few objects, without rules of its own. What a test wants answered
 * otherwise it puts into `mutations`; what happens by itself it tells with `happen` and `change`.
 */
export class FakeServer {
  viewer: Fields | null = {
    id: 'u1',
    name: 'Mio Ono',
    email: null,
    isOwner: true,
    server: {
      version: '0.1.0',
      agents: [agent],
      sandbox: { available: true, isUnsafe: false, engine: 'bubblewrap', message: null },
    },
  };
  projects: FakeProject[] = [];
  /** What tests answer themselves, by the name of the mutation. */
  mutations: Record<string, (args: Fields) => unknown> = {};
  /** The numbers behind which events were asked for, in order. */
  readonly askedAfter: number[] = [];
  readonly schema: GraphQLSchema = this.makeSchema();
  private readonly logs = new Map<string, Fields[]>();
  private readonly watchers = new Set<{ topic: string; push(event: Fields): void }>();
  private nextId = 100;

  addProject(name: string, fields: Fields = {}): FakeProject {
    const project: FakeProject = {
      __typename: 'Project',
      id: String(this.nextId++),
      name,
      description: null,
      defaultBranch: 'main',
      status: 'READY',
      statusMessage: null,
      progress: null,
      source: '/srv/git/shop',
      sourceKind: 'LOCAL_PATH',
      createdAt: new Date().toISOString(),
      updatedAt: new Date().toISOString(),
      branches: [],
      selectedSession: null,
      chats: [],
      ...fields,
    };
    this.projects.push(project);
    return project;
  }

  addSession(project: FakeProject, title: string, fields: Fields = {}): FakeSession {
    const id = (fields.id as string) ?? `s${this.nextId++}abcdefgh`;
    const now = new Date().toISOString();
    const session: FakeSession = {
      __typename: 'ChatSession',
      id,
      title,
      description: null,
      branch: `kosuke-chat-${id}`,
      baseBranch: 'main',
      status: 'ACTIVE',
      deletedAt: null,
      isDefault: false,
      createdAt: now,
      updatedAt: now,
      lastActivityAt: now,
      lastSeq: 0,
      unreadCount: 0,
      agent,
      project,
      pullRequest: null,
      said: [],
      queuedMessages: [],
      latestRun: null,
      workspace: { status: 'READY', message: null, headSha: null },
      branchStatus: null,
      baseUpdate: null,
      latestOperation: null,
      diff: diffOf([]),
      ...fields,
    };
    project.chats.push(session);
    return session;
  }

  message(role: FakeMessage['role'], parts: Fields[], fields: Partial<FakeMessage> = {}): FakeMessage {
    return {
      __typename: 'Message',
      id: String(this.nextId++),
      number: null,
      role,
      status: 'COMPLETE',
      createdAt: new Date().toISOString(),
      author: role === 'USER' ? { __typename: 'User', id: 'u1', name: 'Mio Ono' } : null,
      run: null,
      parts: parts.map((part, position) => ({ position, ...part })),
      text: parts.map(({ text }) => text ?? '').join(''),
      ...fields,
    };
  }

  say(session: FakeSession, role: FakeMessage['role'], ...parts: (string | Fields)[]): FakeMessage {
    const whole = parts.map((part) => (typeof part === 'string' ? { __typename: 'TextPart', text: part } : part));
    const message = this.message(role, whole, { number: session.said.length + 1 });
    session.said.push(message);
    return message;
  }

  run(status: string, fields: Fields = {}): Fields {
    const now = new Date().toISOString();
    return {
      __typename: 'Run',
      id: String(this.nextId++),
      status,
      canRetry: ['FAILED', 'INTERRUPTED', 'CANCELLED'].includes(status),
      errorCode: null,
      errorMessage: null,
      createdAt: now,
      startedAt: now,
      finishedAt: null,
      ...fields,
    };
  }

  /** Numbers an event, keeps it in the log and tells those who watch the session. */
  happen(session: FakeSession, type: string, fields: Fields): Fields {
    session.lastSeq += 1;
    const event = { __typename: type, seq: session.lastSeq, at: new Date().toISOString(), ...fields };
    this.logs.set(session.id, [...(this.logs.get(session.id) ?? []), event]);
    this.tell(`events:${session.id}`, event);
    return event;
  }

  /** Tells an event to those who watch now, whatever its number: what a careless network might do. */
  tell(topic: string, event: Fields): void {
    for (const watcher of this.watchers) if (watcher.topic === topic) watcher.push(event);
  }

  change(session: FakeSession, fields: Fields, kind = 'UPDATED'): void {
    Object.assign(session, fields);
    const projectId = (session.project as FakeProject).id;
    this.tell(`sessions:${projectId}`, { kind, chatSessionId: session.id, chatSession: session });
  }

  session(id: unknown): FakeSession | undefined {
    return this.projects.flatMap(({ chats }) => chats).find((session) => session.id === id);
  }

  private watch(topic: string, field: string, before: Fields[] = []) {
    const { push, iterator } = channel<Fields>(() => this.watchers.delete(watcher));
    const watcher = { topic, push: (event: Fields) => push({ [field]: event }) };
    this.watchers.add(watcher);
    for (const event of before) watcher.push(event);
    return iterator;
  }

  private edit(id: unknown, fields: Fields): Fields {
    const session = this.session(id);
    if (!session) return { __typename: 'NotFound', message: 'This chat does not exist.', code: 'NOT_FOUND' };
    this.change(session, fields);
    return session;
  }

  private makeSchema(): GraphQLSchema {
    const typeDefs = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
    const byMutation: Record<string, (args: Fields) => unknown> = {
      updateChatSession: ({ input }) => {
        const { id, ...fields } = input as Fields;
        return this.edit(id, fields);
      },
      archiveChatSession: ({ id }) => this.edit(id, { status: 'ARCHIVED' }),
      completeChatSession: ({ id }) => this.edit(id, { status: 'COMPLETED' }),
      unarchiveChatSession: ({ id }) => this.edit(id, { status: 'ACTIVE' }),
      restoreChatSession: ({ id }) => this.edit(id, { deletedAt: null }),
      markChatSessionRead: ({ id }) => this.edit(id, { unreadCount: 0 }),
      selectChatSession: ({ id }) => this.session(id),
      deleteChatSession: ({ id }) => {
        this.edit(id, { deletedAt: new Date().toISOString() });
        return { __typename: 'DeleteChatSessionSuccess', chatSessionId: id };
      },
      createChatSession: ({ input }) => {
        const { projectId, title } = input as { projectId: string; title: string };
        const project = this.projects.find(({ id }) => id === projectId);
        return project && this.addSession(project, title);
      },
      createProject: ({ input }) => this.addProject(((input as Fields).name as string | null) ?? 'shop'),
      signOut: () => {
        this.viewer = null;
        return true;
      },
    };
    const mutation = new Proxy(
      {},
      {
        get: (_, name: string) => (__: unknown, args: Fields) => {
          const answer = this.mutations[name] ?? byMutation[name];
          if (!answer) throw new Error(`No test has said what ${name} answers.`);
          return answer(args);
        },
      },
    ) as Record<string, () => unknown>;
    const schema = makeExecutableSchema({
      typeDefs,
      resolvers: {
        Query: {
          viewer: () => this.viewer,
          projects: () => pageOf(this.projects),
          project: (_, { id }) => this.projects.find((project) => project.id === id) ?? null,
          chatSession: (_, { id }) => this.session(id) ?? null,
        },
        Project: { sessions: (project: FakeProject, args) => pageOf(matching(project.chats, args.filter)) },
        ChatSession: {
          messageCount: ({ said, messageCount }: FakeSession) => messageCount ?? said.length,
          messages: ({ said }: FakeSession, { last = 50, before }) => {
            const end = before ? said.findIndex(({ id }) => id === before) : said.length;
            return pageOf(said.slice(Math.max(0, end - last), end), end - last > 0);
          },
        },
        Subscription: {
          projectChanged: { subscribe: () => this.watch('projects', 'projectChanged') },
          chatSessionChanged: {
            subscribe: (_, { projectId }) => this.watch(`sessions:${projectId}`, 'chatSessionChanged'),
          },
          branchStatusChanged: {
            subscribe: (_, { chatSessionId }) => this.watch(`branch:${chatSessionId}`, 'branchStatusChanged'),
          },
          chatSessionEvents: {
            subscribe: (_, { chatSessionId, after }) => {
              this.askedAfter.push(after);
              const missed = (this.logs.get(chatSessionId) ?? []).filter(({ seq }) => (seq as number) > after);
              return this.watch(`events:${chatSessionId}`, 'chatSessionEvents', missed);
            },
          },
        },
      },
    });
    for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
      field.resolve = mutation[name];
    }
    return schema;
  }
}

function matching(chats: FakeSession[], filter: Fields | undefined): FakeSession[] {
  const { status, search, inTrash = false } = filter ?? {};
  return chats
    .filter(({ deletedAt }) => (deletedAt !== null) === inTrash)
    .filter((session) => !status || session.status === status)
    .filter(({ title }) => !search || title.toLowerCase().includes(String(search).toLowerCase()))
    .sort((one, other) => other.lastActivityAt.localeCompare(one.lastActivityAt));
}

function pageOf<T extends Fields | FakeMessage>(nodes: T[], hasPreviousPage = false) {
  const pageInfo = {
    hasPreviousPage,
    hasNextPage: false,
    startCursor: nodes[0]?.id ?? null,
    endCursor: nodes.at(-1)?.id,
  };
  return { nodes, edges: nodes.map((node) => ({ node, cursor: node.id })), totalCount: nodes.length, pageInfo };
}
