import { Arg, Ctx, createUnionType, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../context.ts';
import { Conflict, NotFound } from '../graphql/user-error.ts';
import { Run } from './run.entity.ts';

const RunResult = createUnionType({
  name: 'RunResult',
  description: 'The run as it is now, or why nothing was done.',
  types: () => [Run, NotFound, Conflict] as const,
});

const theRun = { description: 'The run.' };

@Resolver(() => Run)
export class RunResolver {
  @Query(() => Run, { nullable: true, description: 'A run by its id; null when there is none, or it is not yours.' })
  run(@Arg('id', () => ID, theRun) id: string, @Ctx() { runs, viewer }: RequestContext) {
    return runs.find(viewer, id);
  }

  @Mutation(() => RunResult, {
    description: 'End a run. Its whole process tree is ended; what was said and written is kept and committed.',
  })
  stopRun(@Arg('id', () => ID, theRun) id: string, @Ctx() { runs, viewer }: RequestContext) {
    return runs.stop(viewer, id);
  }

  @Mutation(() => RunResult, {
    description: 'Send the message of a failed, stopped or interrupted run once more, as a new run.',
  })
  retryRun(@Arg('id', () => ID, theRun) id: string, @Ctx() { runs, viewer }: RequestContext) {
    return runs.retry(viewer, id);
  }
}
