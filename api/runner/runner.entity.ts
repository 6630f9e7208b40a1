import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process that holds workspaces and carries out runs. Its id is kept in its data folder. */
@Entity('runners')
export class Runner {
  @PrimaryColumn('text')
  id!: string;

  @Column('timestamptz', { name: 'heartbeat_at' })
  heartbeatAt!: Date;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  @Column('integer', { nullable: true })
  pid!: number | null;

  /** Where apis in other processes reach it; null when it shares its process with the only api. */
  @Column('text', { nullable: true })
  address!: string | null;

  /** What they have to send. */
  @Column('text', { nullable: true, select: false })
  token!: string | null;

  /** What it found on its disk when it last started. */
  @Column('jsonb', { nullable: true })
  reconciliation!: Record<string, unknown> | null;
}
