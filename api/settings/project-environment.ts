import type { DataSource } from 'typeorm';
import { type Keyring, SecretUnreadable } from '../secrets/keyring.ts';
import { SecretMask } from '../secrets/secret-mask.ts';
import { environmentSeal } from './environment-seal.ts';
import { type EnvironmentScope, EnvironmentVariable } from './environment-variable.entity.ts';

/** What programs of a workspace are given, and what must not be recorded of it. */
export interface GivenEnvironment {
  variables: Record<string, string>;
  /** Which of them are secret. */
  secretNames: ReadonlySet<string>;
  /** Hides every secret of the project, also those this program does not get. */
  mask: SecretMask;
}

/** Why the environment of a project cannot be given to a program; `message` is for a person. */
export class EnvironmentUnreadable extends Error {
  override readonly name = 'EnvironmentUnreadable';
}

/** For the runner: the environment variables of projects, opened. */
export class ProjectEnvironment {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  /** @throws EnvironmentUnreadable */
  async of(projectId: number, scope: EnvironmentScope): Promise<GivenEnvironment> {
    const variables: Record<string, string> = {};
    const secrets = new Map<string, string>();
    for (const variable of await this.dataSource.manager.find(EnvironmentVariable, {
      where: { projectId },
      order: { name: 'ASC' },
    })) {
      const value = this.open(variable);
      if (variable.isSecret) secrets.set(variable.name, value);
      if (variable.scopes.includes(scope)) variables[variable.name] = value;
    }
    return { variables, secretNames: new Set(secrets.keys()), mask: new SecretMask([...secrets.values()]) };
  }

  private open({ projectId, name, sealedValue }: EnvironmentVariable): string {
    try {
      return this.keyring.open(sealedValue, environmentSeal(projectId, name));
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      throw new EnvironmentUnreadable(`The environment variable ${name} cannot be read. ${error.message}`, {
        cause: error,
      });
    }
  }
}
