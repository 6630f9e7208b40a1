import { useOutletContext } from 'react-router';
import { EnvironmentVariables } from '../settings/EnvironmentVariables.tsx';
import { ProjectFiles } from '../settings/ProjectFiles.tsx';
import { Retention } from '../settings/Retention.tsx';
import { SetupSettings } from '../settings/SetupSettings.tsx';
import { usePageTitle } from '../ui/usePageTitle.ts';
import type { ProjectOutlet } from './ProjectPage.tsx';
import { WayToChats } from './WayToChats.tsx';

/** What holds for every chat of a project. */
export function SettingsPage() {
  const { projectId, openSidebar } = useOutletContext<ProjectOutlet>();
  usePageTitle('Settings');
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-[52rem] gap-4 px-5 pt-4 pb-10 max-sm:px-3">
        <header className="flex h-8 items-center gap-2">
          <WayToChats projectId={projectId} openSidebar={openSidebar} />
          <h1 className="text-head font-semibold">Settings</h1>
        </header>
        <EnvironmentVariables key={`env-${projectId}`} projectId={projectId} />
        <SetupSettings key={`setup-${projectId}`} projectId={projectId} />
        <ProjectFiles key={`files-${projectId}`} projectId={projectId} />
        <Retention key={`retention-${projectId}`} projectId={projectId} />
      </div>
    </div>
  );
}
