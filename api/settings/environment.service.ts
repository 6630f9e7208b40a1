import type { DataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { InvalidInput, NotFound, UserError } from '../graphql/user-error.ts';
import type { Project } from '../projects/project.entity.ts';
import { ALL_PROJECTS, projectChanged } from '../projects/project.events.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { type Keyring, SecretUnreadable } from '../secrets/keyring.ts';
import { type DotEnvLine, readDotEnv } from './dot-env.ts';
import type { ImportEnvironmentVariablesInput, SetEnvironmentVariableInput } from './environment.inputs.ts';
import { checkName, checkValue, TOTAL_MAX_BYTES, VARIABLES_MAX } from './environment-rules.ts';
import { environmentSeal } from './environment-seal.ts';
import { ALL_SCOPES, type EnvironmentScope, EnvironmentVariable } from './environment-variable.entity.ts';

const REFUSED_LINES_MAX = 100;

const notFound = () => new NotFound('This project does not exist, or is not yours.');

interface Given {
  name: string;
  value?: string | null;
  isSecret?: boolean | null;
  scopes?: EnvironmentScope[] | null;
}

interface Imported {
  variables: EnvironmentVariable[];
  refusedLines: { line: number; name: string | null; reason: string }[];
}

/** The environment variables of projects. Values are sealed before they are stored; secret ones are never given out. */
export class EnvironmentService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: UnitOfWork,
    private readonly projects: ProjectService,
    private readonly keyring: Keyring,
  ) {}

  list(projectId: number): Promise<EnvironmentVariable[]> {
    return this.dataSource.manager.find(EnvironmentVariable, { where: { projectId }, order: { name: 'ASC' } });
  }

  /** Null for a secret, and for a value whose key is not here. */
  readableValue({ projectId, name, isSecret, sealedValue }: EnvironmentVariable): string | null {
    if (isSecret) return null;
    try {
      return this.keyring.open(sealedValue, environmentSeal(projectId, name));
    } catch (error) {
      if (error instanceof SecretUnreadable) return null;
      throw error;
    }
  }

  set(viewer: Viewer, input: SetEnvironmentVariableInput): Promise<EnvironmentVariable | InvalidInput | NotFound> {
    return this.change(viewer, input.projectId, (tx, project) => this.setOne(tx, project, input));
  }

  /** Sets what can be set, and names what cannot. */
  async import(
    viewer: Viewer,
    { projectId, text, isSecret, scopes }: ImportEnvironmentVariablesInput,
  ): Promise<Imported | InvalidInput | NotFound> {
    if (Buffer.byteLength(text) > TOTAL_MAX_BYTES) return new InvalidInput('text', 'A .env file has at most 512 kB.');
    return this.change(viewer, projectId, async (tx, project) => {
      const variables = new Map<string, EnvironmentVariable>();
      const refusedLines: Imported['refusedLines'] = [];
      for (const { line, assignment } of readDotEnv(text)) {
        const result = await this.setLine(tx, project, assignment, { isSecret, scopes: scopes ?? null });
        if (result instanceof EnvironmentVariable) variables.set(result.name, result);
        else refusedLines.push({ line, name: assignment?.name.slice(0, 128) ?? null, reason: result.message });
      }
      return { variables: [...variables.values()], refusedLines: refusedLines.slice(0, REFUSED_LINES_MAX) };
    });
  }

  async delete(viewer: Viewer, projectId: string, name: string): Promise<{ name: string } | NotFound> {
    return this.change(viewer, projectId, async (tx, project) => {
      const { affected } = await tx.db.delete(EnvironmentVariable, { projectId: project.id, name });
      return affected ? { name } : new NotFound(`This project has no variable "${name.slice(0, 128)}".`);
    });
  }

  private async setLine(
    tx: Transaction,
    project: Project,
    assignment: DotEnvLine['assignment'],
    how: Pick<Given, 'isSecret' | 'scopes'>,
  ): Promise<EnvironmentVariable | InvalidInput> {
    if (!assignment) return new InvalidInput('text', 'This is not NAME=value.');
    return this.setOne(tx, project, { ...assignment, ...how });
  }

  private async setOne(tx: Transaction, project: Project, given: Given): Promise<EnvironmentVariable | InvalidInput> {
    const { name } = given;
    const invalid = checkName(name) ?? (typeof given.value === 'string' ? checkValue(given.value) : undefined);
    if (invalid) return invalid;
    const known = await tx.db.findOneBy(EnvironmentVariable, { projectId: project.id, name });
    const isSecret = given.isSecret ?? known?.isSecret ?? true;
    const scopes = given.scopes ?? known?.scopes ?? ALL_SCOPES;
    if (scopes.length === 0) return new InvalidInput('scopes', 'Say who gets it, or delete the variable.');
    let sealedValue = known?.sealedValue;
    if (typeof given.value === 'string') {
      const full = await whyFull(tx, project, name, given.value, !known);
      if (full) return full;
      sealedValue = this.keyring.seal(given.value, environmentSeal(project.id, name));
    }
    if (sealedValue === undefined) return new InvalidInput('value', 'A new variable needs a value.');
    if (known?.isSecret && !isSecret && typeof given.value !== 'string') {
      return new InvalidInput(
        'value',
        'A secret never becomes readable. Give its value anew to keep it as plain text.',
      );
    }
    await tx.db.query(
      `INSERT INTO environment_variables (project_id, name, sealed_value, value_bytes, is_secret, scopes)
       VALUES ($1, $2, $3, coalesce($4, 0), $5, $6)
       ON CONFLICT (project_id, name) DO UPDATE SET sealed_value = excluded.sealed_value, is_secret = excluded.is_secret,
         value_bytes = coalesce($4, environment_variables.value_bytes), scopes = excluded.scopes, updated_at = now()`,
      [
        ...[project.id, name, sealedValue],
        ...[typeof given.value === 'string' ? Buffer.byteLength(given.value) : null, isSecret, [...new Set(scopes)]],
      ],
    );
    return tx.db.findOneByOrFail(EnvironmentVariable, { projectId: project.id, name });
  }

  /** Under the lock of the project, so that two at once cannot pass its limits together. */
  private change<T>(
    viewer: Viewer,
    projectId: string,
    change: (tx: Transaction, project: Project) => Promise<T>,
  ): Promise<T | NotFound> {
    return this.work.run(async (tx) => {
      const project = await this.projects.find(viewer, projectId, tx.db);
      if (!project) return notFound();
      await tx.db.query('SELECT 1 FROM projects WHERE id = $1 FOR UPDATE', [project.id]);
      const result = await change(tx, project);
      if (!(result instanceof UserError)) {
        tx.publish(projectChanged, ALL_PROJECTS, { projectId: project.id, kind: 'updated' });
      }
      return result;
    });
  }
}

async function whyFull(
  tx: Transaction,
  { id }: Project,
  name: string,
  value: string,
  isNew: boolean,
): Promise<InvalidInput | undefined> {
  const [others] = (await tx.db.query(
    `SELECT count(*)::int AS count, coalesce(sum(length(name) + value_bytes), 0)::int AS bytes
     FROM environment_variables WHERE project_id = $1 AND name <> $2`,
    [id, name],
  )) as [{ count: number; bytes: number }];
  if (isNew && others.count >= VARIABLES_MAX) {
    return new InvalidInput('name', `A project has at most ${VARIABLES_MAX} variables. Delete one first.`);
  }
  return others.bytes + name.length + Buffer.byteLength(value) > TOTAL_MAX_BYTES
    ? new InvalidInput('value', 'All variables of a project together have at most 512 kB.')
    : undefined;
}
