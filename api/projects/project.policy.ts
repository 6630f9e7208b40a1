import type { Viewer } from '../auth/viewer.ts';

/**
 * Owners of the server see every project; everybody else those they added. What one may not see is not found, and what is
 * being deleted for good is seen by nobody.
 */
export function maySeeProject(viewer: Viewer, project: { userId: string | null; purgingSince: Date | null }): boolean {
  if (project.purgingSince) return false;
  return viewer.isOwner || (project.userId !== null && project.userId === viewer.id);
}
