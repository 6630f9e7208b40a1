import type { Viewer } from '../auth/viewer.ts';

/**
 * Owners of the server see every session; everybody else those they made. What one may not see is not found, and what is
 * being deleted for good is seen by nobody.
 */
export function maySeeSession(viewer: Viewer, session: { userId: string | null; purgingSince: Date | null }): boolean {
  if (session.purgingSince) return false;
  return viewer.isOwner || (session.userId !== null && session.userId === viewer.id);
}
