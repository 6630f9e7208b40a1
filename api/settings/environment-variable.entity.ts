import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export enum EnvironmentScope {
  AGENT = 'agent',
  SETUP = 'setup',
  PREVIEW = 'preview',
}

registerEnumType(EnvironmentScope, {
  name: 'EnvironmentScope',
  description: 'Which programs of a workspace get an environment variable.',
  valuesConfig: {
    AGENT: { description: 'The agent, and every command it runs.' },
    SETUP: { description: 'The setup script.' },
    PREVIEW: { description: 'The program that serves the preview.' },
  },
});

export const ALL_SCOPES = Object.values(EnvironmentScope);

@Entity('environment_variables')
@ObjectType({ description: 'An environment variable that a project gives the programs of its workspaces.' })
export class EnvironmentVariable {
  @PrimaryGeneratedColumn()
  @Field(() => ID, { description: 'Number of the variable on this server.' })
  id!: number;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('varchar', { length: 128 })
  @Field(() => String, { description: 'Its name, unique in the project.' })
  name!: string;

  /** Sealed by the keyring for this project and name, secret or not. */
  @Column('text', { name: 'sealed_value' })
  sealedValue!: string;

  @Column('integer', { name: 'value_bytes' })
  valueBytes!: number;

  @Column('boolean', { name: 'is_secret' })
  @Field(() => Boolean, { description: 'Whether its value can only be used, and never be read again.' })
  isSecret!: boolean;

  @Column('text', { array: true })
  @Field(() => [EnvironmentScope], { description: 'Who gets it.' })
  scopes!: EnvironmentScope[];

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  @Field(() => Date, { description: 'When it was last set.' })
  updatedAt!: Date;
}
