import { ChevronDown, FolderOpen, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { Dialog } from '../ui/Dialog.tsx';
import { Menu } from '../ui/Menu.tsx';
import type { MenuEntry } from '../ui/menu-entry.ts';
import { DeleteProjectDialog } from './DeleteProjectDialog.tsx';
import { NewProject } from './NewProject.tsx';
import { RenameProjectDialog } from './RenameProjectDialog.tsx';
import { useProjects } from './useProjects.ts';

/** The name of the open project, which opens the others. */
export function ProjectSwitcher() {
  const { projectId } = useParams();
  const navigate = useNavigate();
  const { projects } = useProjects();
  const [open, setOpen] = useState<'new' | 'rename' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const current = projects?.find(({ id }) => id === projectId);

  const entries: MenuEntry[] = [
    { heading: 'Projects' },
    ...(projects ?? []).slice(0, 12).map(({ id, name }) => ({
      label: name,
      isChecked: id === projectId,
      onSelect: () => navigate(`/projects/${id}`),
    })),
    'line',
    {
      label: 'All projects',
      icon: <FolderOpen size={14} strokeWidth={1.75} aria-hidden />,
      onSelect: () => navigate('/'),
    },
    { label: 'New project', icon: <Plus size={14} strokeWidth={1.75} aria-hidden />, onSelect: () => setOpen('new') },
  ];
  if (current) {
    entries.push(
      'line',
      {
        label: `Rename ${current.name}`,
        icon: <Pencil size={14} strokeWidth={1.75} aria-hidden />,
        onSelect: () => setOpen('rename'),
      },
      {
        label: `Delete ${current.name}`,
        icon: <Trash2 size={14} strokeWidth={1.75} aria-hidden />,
        isDanger: true,
        onSelect: () => setOpen('delete'),
      },
    );
  }

  return (
    <>
      <Menu entries={entries}>
        {(trigger) => (
          <button
            type="button"
            {...trigger}
            className="target flex min-w-0 items-center gap-1.5 rounded-control px-1.5 py-1 transition-colors hover:bg-hover"
          >
            <span className="truncate text-head font-semibold">{current?.name ?? 'Projects'}</span>
            {current && (
              <span className="truncate text-control text-second max-sm:hidden">/ {current.defaultBranch}</span>
            )}
            <ChevronDown size={16} strokeWidth={1.75} className="shrink-0 text-second" aria-hidden />
            <span className="sr-only">Switch project</span>
          </button>
        )}
      </Menu>
      <Dialog
        isOpen={open === 'new'}
        isWide
        title="New project"
        description="A project is a git repository in which chats live."
        onClose={close}
      >
        <NewProject
          onCreated={(id) => {
            close();
            navigate(`/projects/${id}`);
          }}
        />
      </Dialog>
      {current && <RenameProjectDialog project={current} isOpen={open === 'rename'} onClose={close} />}
      {current && <DeleteProjectDialog project={current} isOpen={open === 'delete'} onClose={close} />}
    </>
  );
}
