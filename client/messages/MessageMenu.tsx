import { Ellipsis } from 'lucide-react';
import { IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import type { MenuEntry } from '../ui/menu-entry.ts';

/** What can be done from one message on; in the gap below it, so that nothing moves when it appears. */
export function MessageMenu({ entries, label }: { entries: MenuEntry[]; label: string }) {
  return (
    <Menu entries={entries} align="end">
      {(trigger) => (
        <IconButton
          {...trigger}
          label={label}
          className="!absolute -bottom-[22px] right-0 !size-6 !min-h-0 !min-w-0 opacity-0 focus-visible:opacity-100 group-focus-within/message:opacity-100 group-hover/message:opacity-100 data-[open=true]:opacity-100 pointer-coarse:opacity-100"
        >
          <Ellipsis size={16} strokeWidth={1.75} aria-hidden />
        </IconButton>
      )}
    </Menu>
  );
}
