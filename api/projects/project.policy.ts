import type { Viewer } from '../auth/viewer.ts';

/** Owners of the server see every project; everybody else those they added. What one may not see is not found. */
export function maySeeProject(viewer: Viewer, project: { userId: string | null }): boolean {
  return viewer.isOwner || (project.userId !== null && project.userId === viewer.id);
}
