import { CircleAlert, Info, RotateCcw, TriangleAlert } from 'lucide-react';
import type { NoticeLevel } from '../gql/graphql.ts';
import { Button } from '../ui/Button.tsx';
import { classNames } from '../ui/class-names.ts';

const looks = {
  ERROR: { Icon: CircleAlert, box: 'border-del-line bg-del-wash', icon: 'text-del', word: 'Error' },
  WARNING: { Icon: TriangleAlert, box: 'border-warn-line bg-warn-wash', icon: 'text-warn', word: 'Warning' },
  INFO: { Icon: Info, box: 'border-line bg-card', icon: 'text-second', word: 'Note' },
};

interface NoticeProps {
  level: NoticeLevel;
  text: string;
  retry?: { isBusy: boolean; onRetry(): void };
}

/** What Kosuke itself has to say: what happened, what was kept, and what to press. */
export function Notice({ level, text, retry }: NoticeProps) {
  const { Icon, box, icon, word } = looks[level];
  return (
    <div className={classNames('flex items-center gap-2.5 rounded-card border px-3 py-2.5', box)}>
      <Icon size={16} strokeWidth={1.75} className={classNames('shrink-0', icon)} aria-hidden />
      <p className="min-w-0 flex-1 whitespace-pre-wrap break-words text-control leading-5">
        <span className="sr-only">{word}: </span>
        {text}
      </p>
      {retry && (
        <Button
          icon={<RotateCcw size={14} strokeWidth={1.75} aria-hidden />}
          isBusy={retry.isBusy}
          onClick={retry.onRetry}
        >
          Retry
        </Button>
      )}
    </div>
  );
}
