/** The pages of a project, loaded together when the first of them is opened. */
export { ChatPage } from '../pages/ChatPage.tsx';
export { LastChatPage, NoChatPage } from '../pages/NoChatPage.tsx';
export { ProjectPage } from '../pages/ProjectPage.tsx';
