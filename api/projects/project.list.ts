import type { DataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import { decodeCursor, encodeCursor, type Page, pageSize } from '../graphql/connection.ts';
import { Project } from './project.entity.ts';

/** One page of the viewer's projects, the newest first. */
export async function listProjects(
  dataSource: DataSource,
  viewer: Viewer,
  first: number,
  after?: string | null,
): Promise<Page<Project>> {
  const size = pageSize(first);
  const page = select(dataSource, viewer)
    .orderBy('project.id', 'DESC')
    .limit(size + 1);
  if (after) page.andWhere('project.id < :id', { id: decodeCursor(after, { id: 'integer' }).id });
  const found = await page.getMany();
  return {
    edges: found.slice(0, size).map((node) => ({ node, cursor: encodeCursor({ id: String(node.id) }) })),
    hasNextPage: found.length > size,
    hasPreviousPage: Boolean(after),
    totalCount: () => select(dataSource, viewer).getCount(),
  };
}

function select(dataSource: DataSource, viewer: Viewer) {
  const projects = dataSource.manager.createQueryBuilder(Project, 'project').where('project.deleted_at IS NULL');
  if (!viewer.isOwner) projects.andWhere('project.user_id = :userId', { userId: viewer.id });
  return projects;
}
