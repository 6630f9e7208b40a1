import { randomUUID } from 'node:crypto';
import {
  type AgentApp,
  agent,
  type ContentBlock,
  methods,
  PROTOCOL_VERSION,
  RequestError,
  type SessionUpdate,
  type StopReason,
} from '@agentclientprotocol/sdk';
import { parse } from './parse.ts';
import { perform } from './perform.ts';

export const BUILTIN_NAME = 'Built-in (no model)';

const WITHOUT_MODEL = `I am the built-in agent. No model is connected to me, so I cannot answer questions or write code by myself. I do exactly what a message spells out:

**Run a command**: start a line with \`!\`

\`\`\`\`
!ls -la
\`\`\`\`

**Write a file**: paste a code block with the file's name after the language

\`\`\`\`
\`\`\`html index.html
<h1>Hello</h1>
\`\`\`
\`\`\`\`

**Apply a change**: paste a unified diff

\`\`\`\`
\`\`\`diff
--- a/index.html
+++ b/index.html
@@ -1 +1 @@
-<h1>Hello</h1>
+<h1>Hello, world</h1>
\`\`\`
\`\`\`\`

Connecting a model is not part of this version of Kosuke yet.`;

interface Session {
  cwd: string;
  turn: AbortController | null;
}

/** The built-in agent, to be connected to a client. `stop` ends what is running in any of its sessions. */
export function createBuiltinAgent(version: string): { app: AgentApp; stop: () => void } {
  const sessions = new Map<string, Session>();
  let showsTerminals = false;

  const app = agent({ name: 'kosuke-builtin' })
    .onRequest(methods.agent.initialize, ({ params }) => {
      showsTerminals = params.clientCapabilities?._meta?.terminal_output === true;
      return {
        protocolVersion: PROTOCOL_VERSION,
        agentInfo: { name: 'kosuke-builtin', title: BUILTIN_NAME, version },
        agentCapabilities: { loadSession: false },
        authMethods: [],
      };
    })
    .onRequest(methods.agent.session.new, ({ params }) => {
      const sessionId = randomUUID();
      sessions.set(sessionId, { cwd: params.cwd, turn: null });
      return { sessionId };
    })
    .onRequest(methods.agent.session.prompt, async ({ params: { sessionId, prompt }, client }) => {
      const session = sessions.get(sessionId);
      if (!session) throw RequestError.resourceNotFound(sessionId);
      if (session.turn) throw RequestError.invalidRequest(undefined, 'A turn is already running in this session.');
      const turn = new AbortController();
      session.turn = turn;
      const send = (update: SessionUpdate) => client.notify(methods.client.session.update, { sessionId, update });
      try {
        return { stopReason: await runTurn(textOf(prompt), session.cwd, send, showsTerminals, turn.signal) };
      } finally {
        session.turn = null;
      }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.turn?.abort());

  return {
    app,
    stop: () => {
      for (const session of sessions.values()) session.turn?.abort();
    },
  };
}

type Send = (update: SessionUpdate) => Promise<void>;

/** Does what the message asks for, in its order, up to the first thing that fails. */
async function runTurn(
  text: string,
  cwd: string,
  send: Send,
  showsTerminals: boolean,
  signal: AbortSignal,
): Promise<StopReason> {
  const say = (sentence: string) =>
    send({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `${sentence}\n\n` } });
  const actions = parse(text);
  if (actions.length === 0) await say(WITHOUT_MODEL);
  for (const [index, action] of actions.entries()) {
    if (signal.aborted) break;
    const { succeeded, sentence } = await perform(action, { cwd, send, showsTerminals, signal });
    if (signal.aborted) break;
    const left = succeeded ? 0 : actions.length - index - 1;
    const words = left === 0 ? sentence : `${sentence} ${leftUndone(left)}`;
    if (words) await say(words);
    if (!succeeded) break;
  }
  return signal.aborted ? 'cancelled' : 'end_turn';
}

function leftUndone(count: number): string {
  return count === 1 ? 'The step after it was not done.' : `The ${count} steps after it were not done.`;
}

function textOf(prompt: ContentBlock[]): string {
  return prompt.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
}
