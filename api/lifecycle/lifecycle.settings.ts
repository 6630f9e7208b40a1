import type { Project } from '../projects/project.entity.ts';
import { type ChatSession, ChatSessionStatus } from '../sessions/session.entity.ts';

const DAY_MS = 86_400_000;

/** How long things are kept: the part of the configuration that the rules of putting away need. */
export interface LifecycleSettings {
  /** How long the trash keeps what was deleted. */
  trashDays: number;
  /** How long after archiving a session's directory is freed. */
  archiveHours: number;
  /** After how many days without activity archived sessions go to the trash; 0 is never. */
  retentionDays: number;
  /** After how many days without activity the directory of a session that is not archived is freed; 0 is never. */
  idleDays: number;
}

/** When the trash removes for good what was deleted then. */
export function purgeAt(deletedAt: Date | null, { trashDays }: LifecycleSettings): Date | null {
  return deletedAt && new Date(deletedAt.getTime() + trashDays * DAY_MS);
}

/** When retention puts a session in the trash; null when it does not. */
export function trashAt(
  session: ChatSession,
  { retentionDays: ofProject }: Pick<Project, 'retentionDays'>,
  { retentionDays }: LifecycleSettings,
): Date | null {
  const days = ofProject ?? retentionDays;
  if (days === 0 || session.status !== ChatSessionStatus.ARCHIVED || session.deletedAt) return null;
  const times = [session.lastActivityAt, session.archivedAt, session.restoredAt].map((time) => time?.getTime() ?? 0);
  return new Date(Math.max(...times) + days * DAY_MS);
}
