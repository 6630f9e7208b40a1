import { Field, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import type { FileChange as GitFileChange } from '../git/git.ts';
import type { MessagePartRow } from './message.entity.ts';

@InterfaceType({
  description: 'A piece of a message. Pieces keep their position; text in them only grows while the message streams.',
  resolveType: (part: MessagePart) => part.constructor.name,
})
export abstract class MessagePart {
  @Field(() => Int, { description: 'Its place in the message, from 0.' })
  position!: number;
}

@ObjectType({ implements: MessagePart, description: 'Words, as Markdown.' })
export class TextPart extends MessagePart {
  @Field(() => String, { description: 'Markdown; untrusted, never to be shown as HTML.' })
  text!: string;
}

@ObjectType({ implements: MessagePart, description: 'What the agent thought before it spoke.' })
export class ReasoningPart extends MessagePart {
  @Field(() => String, { description: 'Plain text.' })
  text!: string;
}

export enum ToolKind {
  READ = 'read',
  EDIT = 'edit',
  DELETE = 'delete',
  MOVE = 'move',
  SEARCH = 'search',
  EXECUTE = 'execute',
  THINK = 'think',
  FETCH = 'fetch',
  OTHER = 'other',
}

registerEnumType(ToolKind, {
  name: 'ToolKind',
  description: 'What a tool does, as the Agent Client Protocol names it.',
  valuesConfig: {
    READ: { description: 'Reads files.' },
    EDIT: { description: 'Writes or changes files.' },
    DELETE: { description: 'Deletes files.' },
    MOVE: { description: 'Moves or renames files.' },
    SEARCH: { description: 'Looks for something.' },
    EXECUTE: { description: 'Runs a command.' },
    THINK: { description: 'Plans or reasons.' },
    FETCH: { description: 'Reads something from outside.' },
    OTHER: { description: 'Anything else.' },
  },
});

export enum ToolCallStatus {
  PENDING = 'pending',
  RUNNING = 'running',
  SUCCEEDED = 'succeeded',
  FAILED = 'failed',
}

registerEnumType(ToolCallStatus, {
  name: 'ToolCallStatus',
  description: 'How far a tool call is.',
  valuesConfig: {
    PENDING: { description: 'Not begun.' },
    RUNNING: { description: 'At work.' },
    SUCCEEDED: { description: 'Ended well.' },
    FAILED: { description: 'Ended badly, or was cut off.' },
  },
});

@ObjectType({ implements: MessagePart, description: 'The agent used a tool: ran a command, wrote a file.' })
export class ToolCallPart extends MessagePart {
  @Field(() => String, { description: 'The name the agent gave this call; unique in its message.' })
  toolCallId!: string;

  @Field(() => String, { description: 'What it does, in a few words: the command, or "Edit src/a.ts".' })
  title!: string;

  @Field(() => ToolKind, { description: 'What sort of tool it is.' })
  kind!: ToolKind;

  @Field(() => ToolCallStatus, { description: 'How far it is.' })
  status!: ToolCallStatus;

  @Field(() => String, { description: 'What it printed, as it came; may hold terminal escape codes.' })
  output!: string;

  @Field(() => Boolean, { description: 'Whether the output was longer than what is kept.' })
  outputTruncated!: boolean;

  @Field(() => [String], { description: 'Files it touched, relative to the workspace.' })
  paths!: string[];

  @Field(() => Int, { nullable: true, description: 'Exit code of a command that has ended.' })
  exitCode!: number | null;

  @Field(() => Int, { nullable: true, description: 'How long it took, in milliseconds, once it has ended.' })
  durationMs!: number | null;
}

@ObjectType({ description: 'A step of a plan.' })
export class PlanEntry {
  @Field(() => String, { description: 'What is to be done.' })
  text!: string;

  @Field(() => String, { description: 'pending, in_progress or completed.' })
  status!: string;

  @Field(() => String, { description: 'high, medium or low.' })
  priority!: string;
}

@ObjectType({ implements: MessagePart, description: 'The plan of the agent as it stands.' })
export class PlanPart extends MessagePart {
  @Field(() => [PlanEntry], { description: 'Its steps, in order.' })
  entries!: PlanEntry[];
}

export enum FileChangeKind {
  ADDED = 'added',
  MODIFIED = 'modified',
  DELETED = 'deleted',
  RENAMED = 'renamed',
  TYPE_CHANGED = 'type-changed',
}

registerEnumType(FileChangeKind, {
  name: 'FileChangeKind',
  description: 'What happened to a file.',
  valuesConfig: {
    ADDED: { description: 'It is new.' },
    MODIFIED: { description: 'Its content or mode changed.' },
    DELETED: { description: 'It is gone.' },
    RENAMED: { description: 'It has another name, and perhaps other content.' },
    TYPE_CHANGED: { description: 'It became a link, or stopped being one.' },
  },
});

@ObjectType({ description: 'What a commit did to one file.' })
export class FileChange {
  @Field(() => String, { description: 'Its path, relative to the repository.' })
  path!: string;

  @Field(() => String, { nullable: true, description: 'Its path before, where it was renamed.' })
  oldPath!: string | null;

  @Field(() => FileChangeKind, { description: 'What happened to it.' })
  kind!: FileChangeKind;

  @Field(() => Int, { description: 'Lines added.' })
  additions!: number;

  @Field(() => Int, { description: 'Lines removed.' })
  deletions!: number;

  @Field(() => Boolean, { description: 'Whether it is not text; then lines are not counted.' })
  isBinary!: boolean;
}

@ObjectType({ implements: MessagePart, description: 'The commit that holds what this turn changed.' })
export class CommitPart extends MessagePart {
  @Field(() => String, { description: 'Its id, 40 hexadecimal digits.' })
  sha!: string;

  @Field(() => String, { description: 'First line of its message.' })
  title!: string;

  @Field(() => String, { description: 'The branch it is on.' })
  branch!: string;

  @Field(() => [FileChange], { description: 'The files it changed.' })
  files!: FileChange[];

  @Field(() => Int, { description: 'Lines added in all.' })
  additions!: number;

  @Field(() => Int, { description: 'Lines removed in all.' })
  deletions!: number;

  @Field(() => [String], { description: 'Nested repositories that were left out of it.' })
  skippedPaths!: string[];
}

export enum NoticeLevel {
  INFO = 'info',
  WARNING = 'warning',
  ERROR = 'error',
}

registerEnumType(NoticeLevel, {
  name: 'NoticeLevel',
  description: 'How much a notice matters.',
  valuesConfig: {
    INFO: { description: 'Good to know.' },
    WARNING: { description: 'Something to look at.' },
    ERROR: { description: 'Something failed.' },
  },
});

@ObjectType({ implements: MessagePart, description: 'Something Kosuke itself has to say about the turn.' })
export class NoticePart extends MessagePart {
  @Field(() => NoticeLevel, { description: 'How much it matters.' })
  level!: NoticeLevel;

  @Field(() => String, { description: 'What it is about, for programs.' })
  code!: string;

  @Field(() => String, { description: 'What happened, what was kept, what to do.' })
  text!: string;
}

/** What is stored in `data` beside the streamed text, per kind of part. */
export interface PartData {
  text: Record<string, never>;
  reasoning: Record<string, never>;
  tool: {
    toolCallId: string;
    title: string;
    kind: `${ToolKind}`;
    status: `${ToolCallStatus}`;
    paths: string[];
    exitCode: number | null;
    durationMs: number | null;
    outputTruncated: boolean;
  };
  plan: { entries: { text: string; status: string; priority: string }[] };
  commit: {
    sha: string;
    title: string;
    branch: string;
    files: GitFileChange[];
    additions: number;
    deletions: number;
    skippedPaths: string[];
  };
  notice: { level: `${NoticeLevel}`; code: string; text: string };
}

export function toPart(row: Pick<MessagePartRow, 'position' | 'kind' | 'text' | 'data'>): MessagePart {
  const { position, kind, text, data } = row;
  switch (kind) {
    case 'text':
      return Object.assign(new TextPart(), { position, text });
    case 'reasoning':
      return Object.assign(new ReasoningPart(), { position, text });
    case 'tool':
      return Object.assign(new ToolCallPart(), { ...data, position, output: text });
    case 'plan':
      return Object.assign(new PlanPart(), { ...data, position });
    case 'commit':
      return Object.assign(new CommitPart(), { ...data, position });
    case 'notice':
      return Object.assign(new NoticePart(), { ...data, position });
  }
}
