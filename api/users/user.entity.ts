import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export enum UserRole {
  OWNER = 'owner',
  MEMBER = 'member',
}

@Entity('users')
@ObjectType({ description: 'A person who works on this server.' })
export class User {
  @PrimaryColumn('text', { name: 'clerk_user_id' })
  @Field(() => ID, { description: 'Name of the account inside this server.' })
  id!: string;

  @Column('text', { nullable: true })
  email!: string | null;

  @Column('text', { name: 'name', nullable: true })
  fullName!: string | null;

  @Column('text', { name: 'image_url', nullable: true })
  imageUrl!: string | null;

  @Column('varchar', { length: 20, default: UserRole.MEMBER })
  role!: UserRole;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Field(() => String, { description: 'What to call them.' })
  get name(): string {
    return this.fullName || this.email || 'Somebody';
  }
}
