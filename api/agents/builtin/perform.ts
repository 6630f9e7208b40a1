import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { applyDiff, type Edit, writeWorkspaceFile } from './apply-edits.ts';
import type { Action } from './parse.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { EditError } from './workspace-path.ts';

export interface Turn {
  /** The workspace. */
  cwd: string;
  send: (update: SessionUpdate) => Promise<void>;
  /** Whether the client takes output piece by piece (`_meta.terminal_output`); ACP itself would send all of it again each time. */
  showsTerminals: boolean;
  signal: AbortSignal;
}

export interface Outcome {
  succeeded: boolean;
  /** What was done or why not, for the conversation; empty where the tool call says it all. */
  sentence: string;
}

/** Does one thing, shown as a tool call. Throws only when the client cannot be reached. */
export async function perform(action: Action, turn: Turn): Promise<Outcome> {
  switch (action.type) {
    case 'command':
      return command(action.command, turn);
    case 'write':
      return edit(`Write ${action.path}`, [action.path], turn, async () => [
        await writeWorkspaceFile(turn.cwd, action.path, action.content),
      ]);
    case 'diff':
      return edit('Apply diff', [], turn, () => applyDiff(turn.cwd, action.diff));
    case 'problem':
      return { succeeded: false, sentence: action.message };
  }
}

async function edit(title: string, paths: string[], turn: Turn, work: () => Promise<Edit[]>): Promise<Outcome> {
  const toolCallId = randomUUID();
  const locations = (names: string[]) => names.map((name) => ({ path: join(turn.cwd, name) }));
  await turn.send({
    ...{ sessionUpdate: 'tool_call', toolCallId, title, kind: 'edit', status: 'in_progress' },
    locations: locations(paths),
  });
  try {
    const edits = await work();
    await turn.send({
      ...{ sessionUpdate: 'tool_call_update', toolCallId, status: 'completed' },
      locations: locations(edits.map(({ path }) => path)),
    });
    return { succeeded: true, sentence: edits.map(({ sentence }) => sentence).join('\n') };
  } catch (error) {
    await turn.send({ sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
    const reason = error instanceof EditError ? error.message : `It failed: ${(error as Error).message}.`;
    return { succeeded: false, sentence: `${reason} Nothing of it was written.` };
  }
}

async function command(line: string, { cwd, send, showsTerminals, signal }: Turn): Promise<Outcome> {
  const toolCallId = randomUUID();
  const terminal = { terminal_id: toolCallId };
  await send({
    ...{ sessionUpdate: 'tool_call', toolCallId, title: line, kind: 'execute', status: 'in_progress' },
    rawInput: { command: line },
    ...(showsTerminals && {
      content: [{ type: 'terminal', terminalId: toolCallId }],
      _meta: { terminal_info: { ...terminal, cwd } },
    }),
  });
  let output = '';
  const onOutput = async (data: string) => {
    if (!showsTerminals) output += data;
    else {
      const _meta = { terminal_output: { ...terminal, data } };
      await send({ sessionUpdate: 'tool_call_update', toolCallId, _meta });
    }
  };
  const result = await runCommand(line, cwd, onOutput, signal).catch((error: Error) => error);
  const exit = result instanceof Error ? { exitCode: null, signal: null } : result;
  const succeeded = exit.exitCode === 0;
  await send({
    ...{ sessionUpdate: 'tool_call_update', toolCallId, status: succeeded ? 'completed' : 'failed' },
    ...(showsTerminals
      ? { _meta: { terminal_exit: { ...terminal, exit_code: exit.exitCode, signal: exit.signal } } }
      : { content: [{ type: 'content', content: { type: 'text', text: output } }] }),
  });
  return {
    succeeded,
    sentence: result instanceof Error ? `It could not be started: ${result.message}.` : ending(line, result),
  };
}

function ending(line: string, { exitCode, signal, durationMs }: CommandResult): string {
  const command = inline(line);
  const duration = `${(durationMs / 1000).toFixed(1)} s`;
  if (exitCode === 0) return '';
  if (exitCode === null) return `${command} was ended by ${signal} after ${duration}.`;
  return `${command} failed with exit code ${exitCode} after ${duration}.`;
}

/** As code in Markdown, also when it holds backticks. */
function inline(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`;
}
