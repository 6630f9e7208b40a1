import { ProjectList } from '../projects/ProjectList.tsx';
import { usePageTitle } from '../ui/usePageTitle.ts';

export function ProjectsPage() {
  usePageTitle('Projects');
  return (
    <main className="min-h-0 flex-1 overflow-y-auto">
      <ProjectList />
    </main>
  );
}
