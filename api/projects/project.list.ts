import type { DataSource } from 'typeorm';
import type { Viewer } from '../auth/viewer.ts';
import { decodeCursor, encodeCursor, type Page, pageSize } from '../graphql/connection.ts';
import { Project } from './project.entity.ts';

export interface ProjectListQuery {
  first: number;
  after?: string | null;
  /** Those in the trash instead of all others. */
  inTrash?: boolean;
}

/** One page of the viewer's projects, the newest first. */
export async function listProjects(
  dataSource: DataSource,
  viewer: Viewer,
  { first, after, inTrash = false }: ProjectListQuery,
): Promise<Page<Project>> {
  const size = pageSize(first);
  const page = select(dataSource, viewer, inTrash)
    .orderBy('project.id', 'DESC')
    .limit(size + 1);
  if (after) page.andWhere('project.id < :id', { id: decodeCursor(after, { id: 'integer' }).id });
  const found = await page.getMany();
  return {
    edges: found.slice(0, size).map((node) => ({ node, cursor: encodeCursor({ id: String(node.id) }) })),
    hasNextPage: found.length > size,
    hasPreviousPage: Boolean(after),
    totalCount: () => select(dataSource, viewer, inTrash).getCount(),
  };
}

function select(dataSource: DataSource, viewer: Viewer, inTrash: boolean) {
  const projects = dataSource.manager
    .createQueryBuilder(Project, 'project')
    .where(inTrash ? 'project.deleted_at IS NOT NULL' : 'project.deleted_at IS NULL')
    .andWhere('project.purging_since IS NULL');
  if (!viewer.isOwner) projects.andWhere('project.user_id = :userId', { userId: viewer.id });
  return projects;
}
