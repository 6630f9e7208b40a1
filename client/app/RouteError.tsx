import { Bug } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';
import { CentredMessage } from '../ui/CentredMessage.tsx';

/** The screen for what went wrong in the page itself: a bug of ours, with ways out. */
export class RouteError extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="h-full">
        <CentredMessage
          level={1}
          title="Something went wrong on this page"
          icon={<Bug size={18} strokeWidth={1.75} aria-hidden />}
          actions={
            <>
              <Button look="primary" onClick={() => location.reload()}>
                Load the page again
              </Button>
              <Button onClick={() => location.assign('/')}>Go to projects</Button>
            </>
          }
        >
          This is a fault of Kosuke, not yours. What was said in your chats is stored, and what you were writing is kept
          in this browser.
        </CentredMessage>
      </main>
    );
  }
}
