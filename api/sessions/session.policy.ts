import type { Viewer } from '../auth/viewer.ts';

/** Owners of the server see every session; everybody else those they made. What one may not see is not found. */
export function maySeeSession(viewer: Viewer, session: { userId: string | null }): boolean {
  return viewer.isOwner || (session.userId !== null && session.userId === viewer.id);
}
