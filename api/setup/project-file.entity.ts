import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SealContext } from '../secrets/keyring.ts';
import type { SealedColumn } from '../secrets/open-keyring.ts';

@Entity('project_files')
@ObjectType({
  description:
    'A file that is not in the repository and that every new workspace of the project gets: .env, for one. It is never committed.',
})
export class ProjectFile {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the file on this server.' })
  id!: number;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('varchar', { length: 500 })
  @Field(() => String, { description: 'Where it lies in the workspace.' })
  path!: string;

  /** Sealed by the keyring for this project and path, secret or not. */
  @Column('text', { name: 'sealed_content' })
  sealedContent!: string;

  @Column('integer')
  @Field(() => Int, { description: 'Its length in bytes.' })
  size!: number;

  @Column('boolean', { name: 'is_secret' })
  @Field(() => Boolean, {
    description: 'Whether its content can only be used, and never be read through the API again.',
  })
  isSecret!: boolean;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was last set.' })
  updatedAt!: Date;
}

export function projectFileSeal({ projectId, path }: Pick<ProjectFile, 'projectId' | 'path'>): SealContext {
  return ['project_files', 'sealed_content', `${projectId}/${path}`];
}

export const projectFilesSealedColumn: SealedColumn = {
  table: 'project_files',
  column: 'sealed_content',
  row: "project_id || '/' || path",
};
