import { Field, ID, Int, ObjectType } from 'type-graphql';

@ObjectType({
  description:
    'What a runner found when it last started and compared the database with its disk. All zero, apart from quarantineSize, when everything was in order.',
})
export class Reconciliation {
  @Field(() => ID, { description: 'The runner.' })
  runnerId!: string;

  @Field(() => Date, { description: 'When that was.' })
  at!: Date;

  @Field(() => Int, {
    description:
      'Files and folders in places of Kosuke that nothing was known of. They are in the folder "quarantine" of the data folder; nothing of it is ever deleted.',
  })
  quarantined!: number;

  @Field(() => Int, { description: 'Locks of git processes that had been killed; they were removed.' })
  removedLocks!: number;

  @Field(() => Int, {
    description:
      'Sessions whose directory was gone though it should have been there. It is made again when they go on.',
  })
  lostDirectories!: number;

  @Field(() => Int, {
    description:
      'Sessions whose directory was there though it was taken for freed, or that were kept beside it as well.',
  })
  foundDirectories!: number;

  @Field(() => Int, {
    description: "Branches of sessions that were missing from their project's repository and came back.",
  })
  copiedBranches!: number;

  @Field(() => Int, {
    description: 'Projects whose repository is missing. They are marked as failed, with what to do.',
  })
  lostRepositories!: number;

  @Field(() => Int, { description: 'How much lies in the quarantine, from this start and earlier ones.' })
  quarantineSize!: number;
}
