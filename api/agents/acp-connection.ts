import { Readable, Writable } from 'node:stream';
import {
  client,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  type PromptResponse,
  RequestError,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type StopReason,
} from '@agentclientprotocol/sdk';
import type { SandboxProcess } from '../sandbox/sandbox.ts';
import { createUpdateReader } from './acp-updates.ts';
import { AgentError, type AgentOutcome, type AgentUpdate } from './agent.ts';
import { lastLines, storable } from './clean-text.ts';
import { within } from './deadline.ts';

/** One conversation with an agent program over its stdin and stdout. */
export interface AcpConnection {
  /**
   * One turn. The updates have all been given when it settles, and none comes later. Throws AgentError 'agent' for what the agent
   * itself refuses, ConnectionClosed when it is gone.
   */
  prompt(text: string, onUpdate: (update: AgentUpdate) => void): Promise<AgentOutcome>;
  /** Asks the agent to end the turn; it may take its time. */
  cancel(): void;
}

export class ConnectionClosed extends Error {}

export interface AcpOptions {
  permissions: 'allow' | 'refuse';
  deadlineMs: number;
}

const OUTCOMES: Record<StopReason, AgentOutcome['stopReason']> = {
  end_turn: 'end',
  cancelled: 'cancelled',
  refusal: 'refused',
  max_tokens: 'limit',
  max_turn_requests: 'limit',
};

/** Throws AgentError 'timeout', 'protocol' or 'agent', or ConnectionClosed. */
export async function connectAcp(
  process: SandboxProcess,
  { permissions, deadlineMs }: AcpOptions,
): Promise<AcpConnection> {
  let listener: ((update: AgentUpdate) => void) | null = null;
  let readUpdate = createUpdateReader(process.workspacePath);
  const app = client({ name: 'kosuke' })
    .onNotification(methods.client.session.update, ({ params }) => {
      if (listener) for (const update of readUpdate(params.update)) listener(update);
    })
    .onRequest(methods.client.session.requestPermission, ({ params }) => {
      if (permissions === 'refuse') listener?.({ type: 'text', text: refusalNote(params) });
      return answerPermission(params, permissions);
    });
  const input = Writable.toWeb(process.stdin as Writable) as WritableStream<Uint8Array>;
  const output = Readable.toWeb(process.stdout as Readable) as ReadableStream<Uint8Array>;
  const { agent, signal } = app.connect(ndJsonStream(input, output));

  const answer = async <T>(request: Promise<T>): Promise<T> =>
    request.catch((error: unknown) => {
      if (error instanceof RequestError && !signal.aborted) {
        throw new AgentError('agent', `The agent answered with an error: ${lastLines(error.message)}`, {
          cause: error,
        });
      }
      throw new ConnectionClosed('the connection to the agent is closed', { cause: error });
    });

  const late = (step: string) =>
    new AgentError('timeout', `The agent did not ${step} within ${Math.round(deadlineMs / 1000)} seconds. Try again.`);
  const initialized = await within(
    deadlineMs,
    answer(
      agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        clientInfo: { name: 'kosuke', version: '0.1.0' },
        clientCapabilities: { _meta: { terminal_output: true } },
      }),
    ),
    () => late('start'),
  );
  if (initialized.protocolVersion !== PROTOCOL_VERSION) {
    throw new AgentError(
      'protocol',
      `The agent speaks version ${initialized.protocolVersion} of the Agent Client Protocol; version ${PROTOCOL_VERSION} is needed.`,
    );
  }
  const { sessionId } = await within(
    deadlineMs,
    answer(agent.request(methods.agent.session.new, { cwd: process.workspacePath, mcpServers: [] })),
    () => late('open a session'),
  );

  return {
    async prompt(text, onUpdate) {
      readUpdate = createUpdateReader(process.workspacePath);
      listener = onUpdate;
      try {
        const prompt = [{ type: 'text' as const, text }];
        const request: Promise<PromptResponse> = agent.request(methods.agent.session.prompt, { sessionId, prompt });
        const { stopReason } = await answer(request);
        return { stopReason: OUTCOMES[stopReason] ?? 'end' };
      } finally {
        listener = null;
      }
    },
    cancel() {
      agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => {
        // Gone already: then there is nothing to cancel.
      });
    },
  };
}

function answerPermission(request: RequestPermissionRequest, answer: 'allow' | 'refuse'): RequestPermissionResponse {
  const kinds = answer === 'allow' ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
  const options = kinds.flatMap((kind) => request.options.filter((option) => option.kind === kind));
  const optionId = options[0]?.optionId;
  return { outcome: optionId === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId } };
}

function refusalNote({ toolCall }: RequestPermissionRequest): string {
  const what = toolCall.title ? `: ${storable(toolCall.title.slice(0, 200))}` : '';
  return `\n\nThe agent asked for permission${what}. It was refused, because questions cannot be passed on yet.\n\n`;
}
