// The program itself, on a database and a data folder of its own, asked over its real port.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const TOKEN = 'owner-token-of-the-bench';
const MAIN = fileURLToPath(new URL('../dist/api/main.js', import.meta.url));

export async function startServer(dataDir, settings = {}) {
  const env = {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, NODE_ENV: 'production' },
    ...{ HOST: '127.0.0.1', PORT: '0', KOSUKE_DATA_DIR: dataDir, KOSUKE_OWNER_TOKEN: TOKEN, KOSUKE_LOG_LEVEL: 'warn' },
    ...settings,
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /(http:\/\/127\.0\.0\.1:\d+)\/sign-in/.exec(line);
      if (found) resolve(found[1]);
    });
    exited.then((code) => reject(new Error(`The server ended with ${code}.`)));
  });
  return new Server(child, exited, url);
}

class Server {
  constructor(child, exited, url) {
    Object.assign(this, { child, exited, url });
  }

  async ask(query, variables = {}) {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
    return data;
  }

  async newProject(input) {
    const { createProject } = await this.ask(
      'mutation ($input: CreateProjectInput!) { createProject(input: $input) { ... on Project { id } ... on UserError { message } } }',
      { input },
    );
    if (!createProject.id) throw new Error(createProject.message);
    const { id } = createProject;
    await until(async () => {
      const { project } = await this.ask('query ($id: ID!) { project(id: $id) { status statusMessage } }', { id });
      if (project.status === 'FAILED') throw new Error(project.statusMessage);
      return project.status === 'READY';
    });
    return id;
  }

  async newSession(projectId, title) {
    const { createChatSession } = await this.ask(
      `mutation ($input: CreateChatSessionInput!) {
         createChatSession(input: $input) { ... on ChatSession { id } ... on UserError { message } }
       }`,
      { input: { projectId, title } },
    );
    if (!createChatSession.id) throw new Error(createChatSession.message);
    return createChatSession.id;
  }

  async workspaceStatus(id) {
    const { chatSession } = await this.ask(
      'query ($id: ID!) { chatSession(id: $id) { workspace { status message } } }',
      {
        id,
      },
    );
    if (chatSession.workspace.status === 'FAILED') throw new Error(chatSession.workspace.message);
    return chatSession.workspace.status;
  }

  /** Sends a message and waits for the end of its answer. */
  async talk(id, text) {
    const { sendMessage } = await this.ask(
      `mutation ($input: SendMessageInput!) {
         sendMessage(input: $input) { ... on SendMessageSuccess { run { id } } ... on UserError { message } }
       }`,
      { input: { chatSessionId: id, text } },
    );
    if (!sendMessage.run) throw new Error(sendMessage.message);
    const run = await until(async () => {
      const { chatSession } = await this.ask(
        'query ($id: ID!) { chatSession(id: $id) { latestRun { status errorMessage } } }',
        { id },
      );
      return ['SUCCEEDED', 'FAILED', 'CANCELLED', 'INTERRUPTED'].includes(chatSession.latestRun.status)
        ? chatSession.latestRun
        : null;
    });
    if (run.status !== 'SUCCEEDED') throw new Error(`A run ended as ${run.status}: ${run.errorMessage}`);
  }

  async deleteSession(id) {
    await this.ask('mutation ($id: ID!) { deleteChatSession(id: $id) { __typename } }', { id });
  }

  /** What the program itself takes now; its children, PostgreSQL and agents, are counted apart. */
  usage() {
    const { pid } = this.child;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mb = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
    return { residentMb: mb('VmRSS'), handles: readdirSync(`/proc/${pid}/fd`).length };
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.exited;
  }
}

/** Asks again and again until there is an answer. */
export async function until(read, everyMs = 20) {
  for (;;) {
    const value = await read();
    if (value) return value;
    await delay(everyMs);
  }
}
