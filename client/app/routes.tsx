import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { NotFoundPage } from '../pages/NotFoundPage.tsx';
import { ProjectsPage } from '../pages/ProjectsPage.tsx';
import { Frame } from './Frame.tsx';

const loadProject = () => import('./project-pages.ts');
const ProjectPage = lazy(async () => ({ default: (await loadProject()).ProjectPage }));
const LastChatPage = lazy(async () => ({ default: (await loadProject()).LastChatPage }));
const NoChatPage = lazy(async () => ({ default: (await loadProject()).NoChatPage }));
const SettingsPage = lazy(async () => ({ default: (await import('../pages/SettingsPage.tsx')).SettingsPage }));
const ChatPage = lazy(async () => ({ default: (await loadProject()).ChatPage }));

/** Asks for the pages of a project before it is known who is asking, where the address leads to one. */
if (location.pathname.startsWith('/projects/')) void loadProject();

export function AppRoutes() {
  return (
    <Suspense fallback={<main aria-busy aria-label="Loading" className="h-full" />}>
      <Routes>
        <Route element={<Frame />}>
          <Route index element={<ProjectsPage />} />
          <Route path="projects/:projectId" element={<ProjectPage />}>
            <Route index element={<LastChatPage />} />
            <Route path="chats" element={<NoChatPage />} />
            <Route path="chats/:chatSessionId" element={<ChatPage />} />
            <Route path="settings" element={<SettingsPage />} />
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </Suspense>
  );
}
