import { ArrowLeft, PanelLeft } from 'lucide-react';
import { Link } from 'react-router';
import { IconButton } from '../ui/Button.tsx';

/** Back to the list of chats, where it is not beside the page. */
export function WayToChats({ projectId, openSidebar }: { projectId: string; openSidebar: (() => void) | null }) {
  if (openSidebar) {
    return (
      <IconButton label="Show chats" onClick={openSidebar}>
        <PanelLeft size={16} strokeWidth={1.75} aria-hidden />
      </IconButton>
    );
  }
  return (
    <Link
      to={`/projects/${projectId}/chats`}
      aria-label="Back to chats"
      className="flex size-11 shrink-0 items-center justify-center rounded-control text-second hover:bg-hover sm:hidden"
    >
      <ArrowLeft size={18} strokeWidth={1.75} aria-hidden />
    </Link>
  );
}
