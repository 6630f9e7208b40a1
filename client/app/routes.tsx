import { Route, Routes } from 'react-router';
import { ChatPage } from '../pages/ChatPage.tsx';
import { LastChatPage, NoChatPage } from '../pages/NoChatPage.tsx';
import { NotFoundPage } from '../pages/NotFoundPage.tsx';
import { ProjectPage } from '../pages/ProjectPage.tsx';
import { ProjectsPage } from '../pages/ProjectsPage.tsx';
import { Frame } from './Frame.tsx';

export function AppRoutes() {
  return (
    <Routes>
      <Route element={<Frame />}>
        <Route index element={<ProjectsPage />} />
        <Route path="projects/:projectId" element={<ProjectPage />}>
          <Route index element={<LastChatPage />} />
          <Route path="chats" element={<NoChatPage />} />
          <Route path="chats/:chatSessionId" element={<ChatPage />} />
        </Route>
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
