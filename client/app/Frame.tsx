import { useQuery } from '@apollo/client/react';
import { WifiOff } from 'lucide-react';
import { Suspense } from 'react';
import { Link, Outlet } from 'react-router';
import { useIsOffline } from '../apollo/connection.ts';
import { explainError } from '../apollo/explain-error.ts';
import { SandboxBanner } from '../auth/SandboxBanner.tsx';
import { UserMenu } from '../auth/UserMenu.tsx';
import { graphql } from '../gql/gql.ts';
import { SignInPage } from '../pages/SignInPage.tsx';
import { ProjectSwitcher } from '../projects/ProjectSwitcher.tsx';
import { useProjectChanges } from '../projects/useProjectChanges.ts';
import { Button } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';
import { Logo } from '../ui/Logo.tsx';

const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      id
      ...UserMenu_viewer
      ...SandboxBanner_viewer
    }
  }
`);

/** What stands around every page, for those who are signed in. */
export function Frame() {
  const { data, error, loading, refetch } = useQuery(ViewerQuery);
  if (!data) {
    if (loading) return <main aria-busy aria-label="Loading" className="h-full" />;
    return (
      <main className="h-full">
        <CentredMessage
          level={1}
          title="Kosuke does not answer"
          icon={<WifiOff size={18} strokeWidth={1.75} aria-hidden />}
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
  if (!data.viewer) return <SignInPage />;
  return (
    <div className="flex h-full flex-col">
      <SandboxBanner viewer={data.viewer} />
      <header className="flex h-12 shrink-0 items-center gap-2 border-line border-b bg-panel px-3 max-sm:h-14">
        <Link to="/" aria-label="All projects" className="target flex items-center justify-center rounded-[8px]">
          <Logo />
        </Link>
        <ProjectSwitcher />
        <div className="flex-1" />
        <UserMenu viewer={data.viewer} />
      </header>
      <OfflineBar />
      <LiveProjects />
      <Suspense fallback={<main aria-busy aria-label="Loading" className="min-h-0 flex-1" />}>
        <Outlet />
      </Suspense>
    </div>
  );
}

function LiveProjects() {
  useProjectChanges();
  return null;
}

function OfflineBar() {
  const isOffline = useIsOffline();
  return (
    <div role="status">
      {isOffline && (
        <p className="flex items-center justify-center gap-2 border-warn-line border-b bg-warn-wash px-4 py-1 text-control text-warn">
          <WifiOff size={14} strokeWidth={1.75} aria-hidden />
          Connection lost. Trying again…
        </p>
      )}
    </div>
  );
}
