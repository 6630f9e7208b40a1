import { isAbsolute, relative } from 'node:path';
import type { ContentBlock, SessionUpdate, ToolCall, ToolCallUpdate } from '@agentclientprotocol/sdk';
import type { AgentUpdate, ToolKind, ToolStatus } from './agent.ts';
import { storable } from './clean-text.ts';

const MAX_TITLE = 1_000;

const STATUS: Record<string, ToolStatus> = {
  pending: 'pending',
  in_progress: 'running',
  completed: 'succeeded',
  failed: 'failed',
};

const KINDS = new Set<string>(['read', 'edit', 'delete', 'move', 'search', 'execute', 'think', 'fetch']);

/** Turns the session/update notifications of one turn into ours. `workspacePath` is the workspace as the agent sees it. */
export function createUpdateReader(workspacePath: string): (update: SessionUpdate) => AgentUpdate[] {
  /** What has been passed on of each tool call's output; null when it comes piece by piece. */
  const outputs = new Map<string, string | null>();

  const read = (update: SessionUpdate): AgentUpdate[] => {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        return textUpdate('text', update.content);
      case 'agent_thought_chunk':
        return textUpdate('reasoning', update.content);
      case 'tool_call':
        return [toolCall(update, workspacePath), ...outputOf(update)];
      case 'tool_call_update': {
        const change = toolCall(update, workspacePath);
        // A piece of output alone changes nothing about the call.
        return Object.keys(change).length > 2 ? [...outputOf(update), change] : outputOf(update);
      }
      case 'plan':
        return [
          {
            type: 'plan',
            entries: update.entries.map((entry) => ({
              ...{ text: storable(entry.content), status: entry.status, priority: entry.priority },
            })),
          },
        ];
      default:
        return [];
    }
  };

  const outputOf = (call: ToolCall | ToolCallUpdate): AgentUpdate[] => {
    const toolCallId = storable(call.toolCallId);
    const piece = terminal(call, 'terminal_output')?.data;
    if (typeof piece === 'string') {
      outputs.set(toolCallId, null);
      return piece ? [{ type: 'tool-output', toolCallId, text: storable(piece) }] : [];
    }
    const before = outputs.get(toolCallId);
    if (before === null || !call.content) return [];
    // ACP sends the whole content each time; only what is new in it is passed on.
    const all = storable(call.content.map((part) => (part.type === 'content' ? textOf(part.content) : '')).join(''));
    outputs.set(toolCallId, all);
    const text = before && all.startsWith(before) ? all.slice(before.length) : all === before ? '' : all;
    return text ? [{ type: 'tool-output', toolCallId, text }] : [];
  };

  return read;
}

function textUpdate(type: 'text' | 'reasoning', content: ContentBlock): AgentUpdate[] {
  const text = textOf(content);
  return text ? [{ type, text: storable(text) }] : [];
}

function textOf(content: ContentBlock): string {
  if (content.type === 'text') return content.text;
  return content.type === 'resource_link' ? content.uri : '';
}

function toolCall(call: ToolCall | ToolCallUpdate, workspacePath: string): AgentUpdate & { type: 'tool-call' } {
  const exitCode = terminal(call, 'terminal_exit')?.exit_code;
  return {
    ...{ type: 'tool-call', toolCallId: storable(call.toolCallId) },
    ...(call.title && { title: storable(call.title.slice(0, MAX_TITLE)) }),
    ...(call.kind && { kind: (KINDS.has(call.kind) ? call.kind : 'other') as ToolKind }),
    ...(call.status && STATUS[call.status] && { status: STATUS[call.status] }),
    ...(call.locations && { paths: pathsInside(call.locations, workspacePath) }),
    ...(typeof exitCode === 'number' && { exitCode }),
  };
}

function pathsInside(locations: { path: string }[], workspacePath: string): string[] {
  const paths = locations.map(({ path }) => storable(isAbsolute(path) ? relative(workspacePath, path) : path));
  return [...new Set(paths.filter((path) => path !== '' && path !== '..' && !path.startsWith('../')))];
}

/** A part of the convention by which agents stream terminals to clients that say they take it. */
function terminal(call: ToolCall | ToolCallUpdate, part: string): Record<string, unknown> | undefined {
  const value = call._meta?.[part];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
