import { Compass } from 'lucide-react';
import { useNavigate } from 'react-router';
import { Button } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';

interface NotFoundProps {
  title?: string;
  text?: string;
  /** Where the way back leads. */
  to?: string;
  action?: string;
}

/** What is said when an address leads nowhere. */
export function NotFound({
  title = 'There is nothing here',
  text = 'The address may be mistyped, or what was here has been deleted.',
  to = '/',
  action = 'Go to projects',
}: NotFoundProps) {
  const navigate = useNavigate();
  return (
    <CentredMessage
      level={1}
      title={title}
      icon={<Compass size={18} strokeWidth={1.75} aria-hidden />}
      actions={
        <Button look="primary" onClick={() => navigate(to)}>
          {action}
        </Button>
      }
    >
      {text}
    </CentredMessage>
  );
}

export function NotFoundPage(props: NotFoundProps) {
  return (
    <main className="min-h-0 flex-1 overflow-y-auto">
      <NotFound {...props} />
    </main>
  );
}
