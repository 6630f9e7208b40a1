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
}
