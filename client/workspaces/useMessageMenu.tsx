import { CopyPlus, FileDiff, History, PencilLine, Undo2 } from 'lucide-react';
import { useCallback } from 'react';
import type { MenuEntry } from '../ui/menu-entry.ts';
import { useTimeTravel } from './useTimeTravel.ts';

const icon = { size: 14, strokeWidth: 1.75, 'aria-hidden': true } as const;

interface MessageOfMenu {
  id: string;
  role: 'USER' | 'ASSISTANT';
  commitSha: string | null;
}

interface MessageMenuOptions {
  /** Shows what one turn changed. */
  onShowChanges(messageId: string): void;
  /** Copies the chat up to a message. */
  onDuplicate(messageId: string): void;
  /** Takes the words of a prompt that was taken back. */
  onEditAgain(text: string): void;
}

/** What can be done to the workspace from a message on. */
export function useMessageMenu(chatSessionId: string, options: MessageMenuOptions) {
  const { onShowChanges, onDuplicate, onEditAgain } = options;
  const { rewind, undoTurn } = useTimeTravel(chatSessionId);
  return useCallback(
    ({ id, role, commitSha }: MessageOfMenu): MenuEntry[] => {
      if (role === 'USER') {
        const editAgain = async () => {
          const text = await rewind({ beforeMessageId: id });
          if (text !== null) onEditAgain(text);
        };
        return [{ label: 'Edit and send again', icon: <PencilLine {...icon} />, onSelect: () => void editAgain() }];
      }
      const ofCommit: MenuEntry[] = commitSha
        ? [
            { label: 'Show what it changed', icon: <FileDiff {...icon} />, onSelect: () => onShowChanges(id) },
            { label: 'Undo what it changed', icon: <Undo2 {...icon} />, onSelect: () => void undoTurn(id) },
          ]
        : [];
      return [
        ...ofCommit,
        { label: 'Duplicate the chat up to here', icon: <CopyPlus {...icon} />, onSelect: () => onDuplicate(id) },
        {
          label: 'Take the chat back to here',
          icon: <History {...icon} />,
          onSelect: () => void rewind({ toMessageId: id }),
        },
      ];
    },
    [rewind, undoTurn, onShowChanges, onDuplicate, onEditAgain],
  );
}
