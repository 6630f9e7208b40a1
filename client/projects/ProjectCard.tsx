import type { FragmentType } from '@apollo/client';
import { useFragment } from '@apollo/client/react';
import { Ellipsis, FolderGit2, GitBranch, Globe, LayoutTemplate, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { graphql } from '../gql/gql.ts';
import type { ProjectCard_ProjectFragment } from '../gql/graphql.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import { RelativeTime } from '../ui/RelativeTime.tsx';
import { DeleteProjectDialog } from './DeleteProjectDialog.tsx';
import { RenameProjectDialog } from './RenameProjectDialog.tsx';

export const ProjectCardFragment = graphql(`
  fragment ProjectCard_project on Project {
    id
    name
    defaultBranch
    source
    sourceKind
    status
    updatedAt
  }
`);

const sourceIcons = { GIT_URL: Globe, LOCAL_PATH: FolderGit2, TEMPLATE: LayoutTemplate };

/** One line in the list of projects. */
export function ProjectCard({ project }: { project: FragmentType<ProjectCard_ProjectFragment> }) {
  const { data, complete } = useFragment({ fragment: ProjectCardFragment, from: project });
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  if (!complete) return null;
  const { id, name, defaultBranch, source, sourceKind, status, updatedAt } = data;
  const SourceIcon = sourceIcons[sourceKind];

  return (
    <li className="group relative flex items-center gap-3 rounded-card border border-line bg-card px-4 py-3 transition-colors hover:border-line-strong">
      <SourceIcon size={16} strokeWidth={1.75} className="shrink-0 text-third" aria-hidden />
      <div className="min-w-0 flex-1">
        <Link
          to={`/projects/${id}`}
          className="text-read font-medium before:absolute before:inset-0 before:rounded-card"
        >
          {name}
        </Link>
        <p className="flex min-w-0 items-center gap-2 text-meta text-third">
          <span className="flex shrink-0 items-center gap-1">
            <GitBranch size={12} strokeWidth={1.75} aria-hidden />
            <span className="sr-only">Default branch </span>
            {defaultBranch}
          </span>
          {source && <span className="truncate">{sourceKind === 'TEMPLATE' ? 'New from a template' : source}</span>}
        </p>
      </div>
      {status === 'PREPARING' && <span className="text-meta text-second">Preparing</span>}
      {status === 'FAILED' && <span className="text-meta text-del">Failed</span>}
      <RelativeTime date={updatedAt} className="shrink-0 text-meta text-third" />
      <Menu
        align="end"
        entries={[
          {
            label: 'Rename',
            icon: <Pencil size={14} strokeWidth={1.75} aria-hidden />,
            onSelect: () => setOpen('rename'),
          },
          'line',
          {
            label: 'Delete',
            icon: <Trash2 size={14} strokeWidth={1.75} aria-hidden />,
            isDanger: true,
            onSelect: () => setOpen('delete'),
          },
        ]}
      >
        {(trigger) => (
          <IconButton label={`Menu of ${name}`} className="relative" {...trigger}>
            <Ellipsis size={16} strokeWidth={1.75} aria-hidden />
          </IconButton>
        )}
      </Menu>
      <RenameProjectDialog project={{ id, name }} isOpen={open === 'rename'} onClose={() => setOpen(null)} />
      <DeleteProjectDialog project={{ id, name }} isOpen={open === 'delete'} onClose={() => setOpen(null)} />
    </li>
  );
}
