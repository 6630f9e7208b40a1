import { Ctx, Field, FieldResolver, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { Agent } from './agents/agent.type.ts';
import { Viewer } from './auth/viewer.ts';
import type { RequestContext } from './context.ts';
import { Reconciliation } from './runner/reconciliation.type.ts';

@ObjectType({ description: 'Whether agents can be run here, and how they are kept in.' })
class SandboxStatus {
  @Field(() => String, { description: 'What keeps them in: bubblewrap, or none.' })
  engine!: string;

  @Field(() => Boolean, { description: 'Whether agents can be started.' })
  available!: boolean;

  @Field(() => String, { nullable: true, description: 'When they cannot: why, and what to install.' })
  message!: string | null;

  @Field(() => Boolean, {
    description: 'Whether agents run with all the rights of the server. Everybody is to be warned of that.',
  })
  isUnsafe!: boolean;
}

@ObjectType({ description: 'This server, for those who are signed in.' })
class ServerInfo {
  @Field(() => String, { description: 'Version of Kosuke.' })
  version!: string;

  @Field(() => SandboxStatus, { description: 'Whether agents can be run here.' })
  sandbox!: SandboxStatus;

  @Field(() => [Agent], { description: 'The agents that sessions can talk to.' })
  agents!: Agent[];

  @Field(() => [Reconciliation], {
    description: 'What each runner found on its disk when it last started. Only owners of the server see it.',
  })
  reconciliations!: Reconciliation[];
}

@Resolver(() => Viewer)
export class ServerResolver {
  @Query(() => Viewer, {
    nullable: true,
    description: 'Who is asking; null when nobody is signed in. The one thing that may be asked then.',
  })
  viewer(@Ctx() { viewer }: RequestContext): Viewer | null {
    return viewer;
  }

  @FieldResolver(() => ServerInfo, { description: 'The server they are signed in to.' })
  async server(@Ctx() { server, viewer }: RequestContext): Promise<ServerInfo> {
    const reconciliations = viewer.isOwner ? await server.reconciliations() : [];
    return { version: server.version, agents: server.agents, sandbox: await server.sandbox(), reconciliations };
  }

  @Mutation(() => Boolean, { description: 'End the login this request came with; true when there was one.' })
  signOut(@Ctx() { signOut }: RequestContext): Promise<boolean> {
    return signOut();
  }
}
