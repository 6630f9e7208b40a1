import { SingleChat0000000000001 } from './migrations/0001-single-chat.ts';
import { ChatSessions0000000000002 } from './migrations/0002-chat-sessions.ts';
import { WorkspaceOperations0000000000003 } from './migrations/0003-workspace-operations.ts';
import { BranchStatuses0000000000005 } from './migrations/0005-branch-statuses.ts';
import { WorkspaceProgress0000000000006 } from './migrations/0006-workspace-progress.ts';
import { TimeTravel0000000000007 } from './migrations/0007-time-travel.ts';
import { BaseUpdates0000000000008 } from './migrations/0008-base-updates.ts';
import { Lifecycle0000000000009 } from './migrations/0009-lifecycle.ts';
import { EnvironmentAndSetup0000000000010 } from './migrations/0010-environment-and-setup.ts';

/** In the order they run. TypeORM reads the last 13 digits of a name as the place in that order. */
export const migrations = [
  SingleChat0000000000001,
  ChatSessions0000000000002,
  WorkspaceOperations0000000000003,
  BranchStatuses0000000000005,
  WorkspaceProgress0000000000006,
  TimeTravel0000000000007,
  BaseUpdates0000000000008,
  Lifecycle0000000000009,
  EnvironmentAndSetup0000000000010,
];
