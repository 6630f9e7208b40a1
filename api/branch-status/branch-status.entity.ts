import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { FileChangeKind } from '../messages/message-part.type.ts';

export enum BranchSync {
  CLEAN = 'clean',
  DIRTY = 'dirty',
  AHEAD = 'ahead',
  BEHIND = 'behind',
  DIVERGED = 'diverged',
  CONFLICT = 'conflict',
  DRIFTED = 'drifted',
}

registerEnumType(BranchSync, {
  name: 'BranchSync',
  description:
    'Where the branch of a session stands, in one word: the first of these that is so, from the last to the first.',
  valuesConfig: {
    CLEAN: { description: 'Nothing of its own, and nothing missing.' },
    AHEAD: { description: 'It has commits that its base branch lacks.' },
    BEHIND: { description: 'Its base branch has commits that it lacks.' },
    DIVERGED: { description: 'Each has commits that the other lacks; they can be merged as they are.' },
    DIRTY: { description: 'Files differ from the last commit.' },
    CONFLICT: { description: 'A merge with the base branch would leave conflicts.' },
    DRIFTED: {
      description: 'HEAD of the workspace is not on the branch, so runs are refused. repairBranch puts it back.',
    },
  },
});

@ObjectType({ description: 'A file of a workspace that differs from the last commit.' })
export class DirtyFile {
  @Field(() => String, { description: 'Its path in the workspace.' })
  path!: string;

  @Field(() => FileChangeKind, { description: 'What happened to it.' })
  kind!: FileChangeKind;
}

@ObjectType({ description: 'The branch of a session as it was last pushed.' })
export class RemoteBranch {
  @Field(() => String, { description: 'Its name: origin/kosuke-chat-{id}.' })
  branch!: string;

  @Field(() => String, { description: 'The commit it points at, 40 hexadecimal digits.' })
  sha!: string;

  @Field(() => Int, { description: 'Commits that were not pushed yet.' })
  ahead!: number;

  @Field(() => Int, { description: 'Commits that the session lacks.' })
  behind!: number;
}

/** Written by the runner that holds the workspace, whenever something has changed; read by everybody else. */
@Entity('branch_statuses')
@ObjectType({
  description:
    'Where the branch and the files of a session stand. Found out when something changes, and stored: asking for it costs nothing.',
})
export class BranchStatus {
  @PrimaryColumn('integer', { name: 'chat_session_id' })
  chatSessionKey!: number;

  @Column('varchar', { name: 'session_id', length: 50 })
  @Field(() => ID, { description: 'The id of its session.' })
  id!: string;

  /** Counts the changes, so that nobody is told of the same one twice. */
  @Column('integer', { default: 1 })
  revision!: number;

  @Column('text')
  @Field(() => String, { description: 'The directory of the session on the machine of its runner.' })
  path!: string;

  @Column('varchar', { length: 100 })
  @Field(() => String, { description: 'The branch of the session.' })
  branch!: string;

  @Column('text', { name: 'current_branch', nullable: true })
  @Field(() => String, { nullable: true, description: 'The branch HEAD is on; null when it is on none.' })
  currentBranch!: string | null;

  @Column('varchar', { name: 'head_sha', length: 40, nullable: true })
  @Field(() => String, { nullable: true, description: 'The commit HEAD is on; null before the first one.' })
  headSha!: string | null;

  /** The newest commit of the branch. */
  @Column('varchar', { name: 'branch_sha', length: 40, nullable: true })
  branchSha!: string | null;

  @Column('varchar', { name: 'base_branch', length: 255 })
  @Field(() => String, { description: 'The branch the session was cut from.' })
  baseBranch!: string;

  @Column('varchar', { name: 'base_sha', length: 40, nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'The newest commit of the base branch; null when that branch is gone, or has none yet.',
  })
  baseSha!: string | null;

  @Column('varchar', { name: 'merge_base_sha', length: 40, nullable: true })
  @Field(() => String, { nullable: true, description: 'The newest commit that the branch and its base share.' })
  mergeBaseSha!: string | null;

  @Column('integer', { name: 'ahead_of_base' })
  @Field(() => Int, {
    description: 'Commits of the branch that its base lacks; up to 1,000 are counted where there is no base.',
  })
  aheadOfBase!: number;

  @Column('integer', { name: 'behind_base' })
  @Field(() => Int, { description: 'Commits of the base branch that the branch lacks.' })
  behindBase!: number;

  @Column('varchar', { name: 'remote_sha', length: 40, nullable: true })
  remoteSha!: string | null;

  @Column('integer', { name: 'ahead_of_remote', default: 0 })
  aheadOfRemote!: number;

  @Column('integer', { name: 'behind_remote', default: 0 })
  behindRemote!: number;

  /** Can be long, so lists leave them out. */
  @Column('jsonb', { name: 'dirty_files', select: false })
  dirtyFiles?: DirtyFile[];

  @Column('integer', { name: 'dirty_file_count' })
  @Field(() => Int, { description: 'How many files differ from the last commit; ignored ones are not counted.' })
  dirtyFileCount!: number;

  @Column('jsonb', { name: 'conflict_paths', select: false })
  conflictPaths?: string[];

  @Column('integer', { name: 'conflict_count' })
  @Field(() => Int, { description: 'How many files a merge with the base branch would leave in conflict.' })
  conflictCount!: number;

  @Column('bigint', { name: 'disk_bytes', nullable: true, transformer: { from: toNumber, to: (value) => value } })
  @Field(() => Float, {
    nullable: true,
    description:
      'Bytes that removing the directory would free. Files with several hard links count once, and not at all while one of the links lies elsewhere, as the history shared with the project does. Null until first measured.',
  })
  diskBytes!: number | null;

  @Column('integer', { name: 'process_count', nullable: true })
  @Field(() => Int, {
    nullable: true,
    description:
      'Processes alive in the sandbox of the session: its agent and all it has started. Null when not known.',
  })
  processCount!: number | null;

  @Column('timestamptz', { name: 'checked_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When this was last found to be so.' })
  checkedAt!: Date;

  @Field(() => RemoteBranch, {
    nullable: true,
    description: 'The branch as it was last pushed; null when it never was.',
  })
  get remote(): RemoteBranch | null {
    if (!this.remoteSha) return null;
    const { branch, remoteSha: sha, aheadOfRemote: ahead, behindRemote: behind } = this;
    return { branch: `origin/${branch}`, sha, ahead, behind };
  }

  @Field(() => Boolean, {
    description:
      'Whether HEAD is somewhere else than on the branch of the session. Runs are refused until repairBranch.',
  })
  get isDrifted(): boolean {
    return this.currentBranch !== this.branch;
  }

  @Field(() => BranchSync, { description: 'All of it in one word, for an icon.' })
  get sync(): BranchSync {
    if (this.isDrifted) return BranchSync.DRIFTED;
    if (this.conflictCount > 0) return BranchSync.CONFLICT;
    if (this.dirtyFileCount > 0) return BranchSync.DIRTY;
    if (this.aheadOfBase > 0) return this.behindBase > 0 ? BranchSync.DIVERGED : BranchSync.AHEAD;
    return this.behindBase > 0 ? BranchSync.BEHIND : BranchSync.CLEAN;
  }
}

function toNumber(value: string | null): number | null {
  return value === null ? null : Number(value);
}
