import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Somebody signed in from one browser. The browser holds the token; only its SHA-256 is here. */
@Entity('logins')
export class Login {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text', { name: 'user_id' })
  userId!: string;

  @Column('char', { name: 'token_hash', length: 64, unique: true })
  tokenHash!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', default: () => 'now()' })
  lastUsedAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;
}
