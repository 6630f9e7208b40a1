import { Navigate, useOutletContext } from 'react-router';
import { NoSession } from '../sessions/NoSession.tsx';
import { usePageTitle } from '../ui/usePageTitle.ts';
import type { ProjectOutlet } from './ProjectPage.tsx';

/** A project without a chat in its address opens the one that was open last. */
export function LastChatPage() {
  const { projectId, selectedSessionId } = useOutletContext<ProjectOutlet>();
  const to = `/projects/${projectId}/chats`;
  return <Navigate replace to={selectedSessionId ? `${to}/${selectedSessionId}` : to} />;
}

export function NoChatPage() {
  const { projectId } = useOutletContext<ProjectOutlet>();
  usePageTitle('Chats');
  return <NoSession projectId={projectId} />;
}
