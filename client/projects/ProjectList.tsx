import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { explainError } from '../apollo/explain-error.ts';
import { Button } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { NewProject } from './NewProject.tsx';
import { ProjectCard } from './ProjectCard.tsx';
import { useProjects } from './useProjects.ts';

/** All projects, or the ways to the first one. */
export function ProjectList() {
  const navigate = useNavigate();
  const { projects, error, refetch } = useProjects();
  const [isAdding, setAdding] = useState(false);
  const open = (id: string) => navigate(`/projects/${id}`);

  if (!projects && error) {
    return (
      <CentredMessage
        level={1}
        title="Your projects could not be loaded"
        actions={
          <Button look="primary" onClick={() => void refetch()}>
            Try again
          </Button>
        }
      >
        {explainError(error)}
      </CentredMessage>
    );
  }
  if (projects?.length === 0) {
    return (
      <div className="mx-auto flex min-h-full w-full max-w-[34rem] flex-col justify-center px-5 py-10">
        <h1 className="text-title font-semibold">Add your first project</h1>
        <p className="mt-1.5 mb-6 text-read text-second">
          A project is a git repository. Every chat in it works on a branch and in a directory of its own, so nothing
          they do gets in each other's way, or in yours.
        </p>
        <NewProject onCreated={open} />
      </div>
    );
  }
  return (
    <div className="mx-auto w-full max-w-[46rem] px-5 py-8">
      <div className="mb-5 flex items-center justify-between gap-3">
        <h1 className="text-title font-semibold">Projects</h1>
        <Button look="primary" icon={<Plus size={14} strokeWidth={1.75} aria-hidden />} onClick={() => setAdding(true)}>
          New project
        </Button>
      </div>
      {projects ? (
        <ul className="grid gap-2">
          {projects.map((project) => (
            <ProjectCard key={project.id} project={project} />
          ))}
        </ul>
      ) : (
        <div role="status" aria-label="Loading projects" className="grid gap-2">
          <Skeleton className="h-[62px] rounded-card" />
          <Skeleton className="h-[62px] rounded-card" />
          <Skeleton className="h-[62px] rounded-card" />
        </div>
      )}
      <Dialog
        isOpen={isAdding}
        isWide
        title="New project"
        description="A project is a git repository in which chats live."
        onClose={() => setAdding(false)}
      >
        <NewProject onCreated={open} />
      </Dialog>
    </div>
  );
}
