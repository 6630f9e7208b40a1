import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A link that signs one user in, once. Only the SHA-256 of its token is here. */
@Entity('sign_in_links')
export class SignInLink {
  @PrimaryColumn('char', { name: 'token_hash', length: 64 })
  tokenHash!: string;

  @Column('text', { name: 'user_id' })
  userId!: string;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt!: Date | null;
}
