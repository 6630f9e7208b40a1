import { Login } from './auth/login.entity.ts';
import { SignInLink } from './auth/sign-in-link.entity.ts';
import { BaseUpdate } from './base-updates/base-update.entity.ts';
import { BranchStatus } from './branch-status/branch-status.entity.ts';
import { Message, MessagePartRow } from './messages/message.entity.ts';
import { WorkspaceOperation } from './operations/operation.entity.ts';
import { ProjectRefresh } from './project-refreshes/project-refresh.entity.ts';
import { Branch } from './projects/branch.entity.ts';
import { Project } from './projects/project.entity.ts';
import { Runner } from './runner/runner.entity.ts';
import { Run } from './runs/run.entity.ts';
import { ChatSession } from './sessions/session.entity.ts';
import { EnvironmentVariable } from './settings/environment-variable.entity.ts';
import { ProjectFile } from './setup/project-file.entity.ts';
import { ProjectSetup } from './setup/project-setup.entity.ts';
import { SetupRun } from './setup/setup-run.entity.ts';
import { Rewind } from './time-travel/rewind.entity.ts';
import { User } from './users/user.entity.ts';

/** Every table the program reads as objects. */
export const entities = [
  User,
  Login,
  SignInLink,
  Project,
  ProjectRefresh,
  Branch,
  ChatSession,
  Message,
  MessagePartRow,
  Run,
  Runner,
  WorkspaceOperation,
  Rewind,
  BaseUpdate,
  EnvironmentVariable,
  ProjectFile,
  ProjectSetup,
  SetupRun,
  BranchStatus,
];
