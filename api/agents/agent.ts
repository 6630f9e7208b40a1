/**
 * What the rest of the program knows of agents. An agent is a program that speaks the Agent Client Protocol (ACP v1) over
 * stdio; `AgentHost` starts it in the sandbox, keeps one process a session, and turns what it says into AgentUpdates.
 */
export interface AgentHost {
  agents(): AgentDescription[];
  /**
   * Runs one turn. Updates arrive in order; the promise settles after the last one. When `signal` aborts, the turn is
   * cancelled and, if the agent does not end within half a second, its process tree is killed; then it resolves 'cancelled'.
   * Throws AgentError for everything else that ends a turn.
   */
  prompt(turn: AgentTurn, onUpdate: (update: AgentUpdate) => void, signal: AbortSignal): Promise<AgentOutcome>;
  /** Ends the process of a session (archived, deleted), if there is one. */
  end(sessionId: string): Promise<void>;
  /** Processes alive in the sandbox of a session: its agent and all it has started. */
  processCount(sessionId: string): Promise<number>;
  /** Calls back when the agent of a session has been started, and when it has ended. Gives back what ends that. */
  onProcessChange(listener: (sessionId: string) => void): () => void;
  /** Ends every process. */
  close(): Promise<void>;
}

export interface AgentDescription {
  id: string;
  /** As shown: "Built-in (no model)". */
  name: string;
  hasModel: boolean;
}

export interface AgentTurn {
  sessionId: string;
  agentId: string;
  workspacePath: string;
  homePath: string;
  /** What the project gives its agents; another one than before starts the agent anew. */
  environment: Readonly<Record<string, string>>;
  text: string;
}

export type AgentOutcome = { stopReason: 'end' | 'cancelled' | 'refused' | 'limit' };

export type ToolKind = 'read' | 'edit' | 'delete' | 'move' | 'search' | 'execute' | 'think' | 'fetch' | 'other';
export type ToolStatus = 'pending' | 'running' | 'succeeded' | 'failed';

/** What an agent says during a turn. Text pieces are appended; a tool call is known by its id. Paths are relative to the workspace. */
export type AgentUpdate =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | {
      type: 'tool-call';
      toolCallId: string;
      title?: string;
      kind?: ToolKind;
      status?: ToolStatus;
      paths?: string[];
      exitCode?: number;
    }
  | { type: 'tool-output'; toolCallId: string; text: string }
  | { type: 'plan'; entries: { text: string; status: string; priority: string }[] };

export type AgentErrorCode =
  | 'sandbox-unavailable'
  | 'unknown-agent'
  | 'start-failed'
  | 'crashed'
  | 'protocol'
  | 'timeout'
  | 'agent';

/** Why a turn could not be run or finished; `message` is a sentence for a person that says what to do. */
export class AgentError extends Error {
  constructor(
    readonly code: AgentErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AgentError';
  }
}
