import { Archive, ArchiveRestore, Check, Copy, CopyPlus, Pencil, RotateCcw, Trash2 } from 'lucide-react';
import type { SessionItem_SessionFragment } from '../gql/graphql.ts';
import type { MenuEntry } from '../ui/menu-entry.ts';
import { useToast } from '../ui/Toast.tsx';
import { useCopy } from '../ui/useCopy.ts';
import { useChangeSession } from './useChangeSession.ts';
import { useDuplicateSession } from './useDuplicateSession.ts';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;

/** What can be done with a session, for its context menu and its menu button. */
export function useSessionMenu(
  session: SessionItem_SessionFragment | null,
  begin: (what: 'rename' | 'delete') => void,
): MenuEntry[] {
  const { archive, complete, reopen } = useChangeSession(session?.id ?? '');
  const duplicate = useDuplicateSession(session?.id ?? '');
  const { copy } = useCopy();
  const toast = useToast();
  if (!session) return [];

  const copyBranch = async () => {
    const isDone = await copy(session.branch);
    toast(isDone ? { text: `Copied ${session.branch}` } : { text: 'The browser did not allow it.', isProblem: true });
  };
  const moves: Record<typeof session.status, MenuEntry[]> = {
    ACTIVE: [
      { label: 'Complete', icon: <Check {...icon} />, onSelect: complete },
      { label: 'Archive', icon: <Archive {...icon} />, onSelect: archive },
    ],
    COMPLETED: [
      { label: 'Reopen', icon: <RotateCcw {...icon} />, onSelect: reopen },
      { label: 'Archive', icon: <Archive {...icon} />, onSelect: archive },
    ],
    ARCHIVED: [{ label: 'Unarchive', icon: <ArchiveRestore {...icon} />, onSelect: reopen }],
  };
  return [
    { label: 'Rename', icon: <Pencil {...icon} />, onSelect: () => begin('rename') },
    { label: 'Duplicate', icon: <CopyPlus {...icon} />, onSelect: () => void duplicate() },
    { label: 'Copy branch name', icon: <Copy {...icon} />, onSelect: () => void copyBranch() },
    'line',
    ...moves[session.status],
    'line',
    { label: 'Delete', icon: <Trash2 {...icon} />, isDanger: true, onSelect: () => begin('delete') },
  ];
}
