import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The branches of a project's base repository, as its runner last saw them, so that no list has to ask the disk. */
@Entity('branches')
@ObjectType({ description: 'A branch of the base repository of a project.' })
export class Branch {
  @PrimaryColumn('integer', { name: 'project_id' })
  projectId!: number;

  @PrimaryColumn('varchar', { length: 255 })
  @Field(() => String, { description: 'Its name, without refs/heads/.' })
  name!: string;

  @Column('varchar', { name: 'commit_sha', length: 40 })
  @Field(() => String, { description: 'The commit it points at, 40 hexadecimal digits.' })
  commitSha!: string;
}
