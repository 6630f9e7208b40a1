import { useQuery } from '@apollo/client/react';
import { PanelLeft } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Outlet, useLocation, useMatch, useParams } from 'react-router';
import { explainError } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import { ProjectPreparation } from '../projects/ProjectPreparation.tsx';
import { SessionSidebar } from '../sessions/SessionSidebar.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';
import { Drawer } from '../ui/Dialog.tsx';
import { ResizeHandle } from '../ui/ResizeHandle.tsx';
import { useRoom } from '../ui/useMedia.ts';
import { useStored } from '../ui/useStored.ts';
import { NotFoundPage } from './NotFoundPage.tsx';

const ProjectPageQuery = graphql(`
  query ProjectPage($id: ID!) {
    project(id: $id) {
      id
      name
      selectedSession {
        id
      }
      ...ProjectPreparation_project
    }
  }
`);

export interface ProjectOutlet {
  projectId: string;
  selectedSessionId: string | null;
  /** Opens the list of chats where it has no room beside the conversation; null where it has. */
  openSidebar: (() => void) | null;
}

/** A project: its chats on the left, the open one beside them. */
export function ProjectPage() {
  const { projectId = '', chatSessionId } = useParams();
  const { pathname } = useLocation();
  const isInSettings = useMatch('/projects/:projectId/settings') !== null;
  const room = useRoom();
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [storedWidth, storeWidth] = useStored('kosuke.sidebar-width', '264');
  const { data, error, loading, refetch } = useQuery(ProjectPageQuery, { variables: { id: projectId } });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes what lies over the page
  useEffect(() => setDrawerOpen(false), [pathname]);

  if (!data?.project) {
    if (loading) return <ProjectSkeleton />;
    if (!error) {
      return (
        <NotFoundPage title="No such project" text="It does not exist, was deleted, or belongs to somebody else." />
      );
    }
    return (
      <main className="min-h-0 flex-1">
        <CentredMessage
          level={1}
          title="This project could not be loaded"
          actions={
            <Button look="primary" onClick={() => void refetch()}>
              Try again
            </Button>
          }
        >
          {explainError(error)}
        </CentredMessage>
      </main>
    );
  }

  const sidebar = <SessionSidebar key={projectId} projectId={projectId} activeId={chatSessionId} />;
  const outlet: ProjectOutlet = {
    projectId,
    selectedSessionId: data.project.selectedSession?.id ?? null,
    openSidebar: room === 'tablet' ? () => setDrawerOpen(true) : null,
  };
  const width = Number(storedWidth) || 264;
  const showsListAlone = room === 'phone' && !chatSessionId && !isInSettings;

  return (
    <div className="flex min-h-0 flex-1">
      {room === 'desktop' && (
        <div style={{ width }} className="shrink-0">
          {sidebar}
        </div>
      )}
      {room === 'tablet' && (
        <Drawer isOpen={isDrawerOpen} title="Chats" side="left" onClose={() => setDrawerOpen(false)}>
          {sidebar}
        </Drawer>
      )}
      {showsListAlone && (
        <main className="flex min-w-0 flex-1 flex-col">
          <ProjectPreparation project={data.project} />
          <div className="min-h-0 flex-1">{sidebar}</div>
          <h1 className="sr-only">{data.project.name}</h1>
        </main>
      )}
      <main className={showsListAlone ? 'hidden' : 'flex min-w-0 flex-1'}>
        {room === 'desktop' && (
          <ResizeHandle
            label="Width of the list of chats"
            side="left"
            width={width}
            min={220}
            max={420}
            onChange={(next) => storeWidth(String(next))}
          />
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <ProjectPreparation project={data.project} />
          {room === 'tablet' && !chatSessionId && !isInSettings && (
            <div className="p-2">
              <IconButton label="Show chats" onClick={() => setDrawerOpen(true)}>
                <PanelLeft size={16} strokeWidth={1.75} aria-hidden />
              </IconButton>
            </div>
          )}
          <div className="min-h-0 flex-1">
            <Outlet context={outlet} />
          </div>
        </div>
      </main>
    </div>
  );
}

/** Columns that are not filled yet. */
function ProjectSkeleton() {
  return (
    <main aria-busy aria-label="Loading the project" className="flex min-h-0 flex-1">
      <div className="w-[264px] border-line border-r bg-panel max-lg:hidden" />
      <div className="flex-1" />
    </main>
  );
}
