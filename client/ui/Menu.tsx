import { Check } from 'lucide-react';
import { DropdownMenu, ContextMenu as RadixContextMenu } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';

export interface MenuAction {
  label: string;
  icon?: ReactNode;
  /** The key that does the same. */
  keys?: string;
  isDanger?: boolean;
  /** For a choice among several: whether it is the one. */
  isChecked?: boolean;
  onSelect(): void;
}

export type MenuEntry = MenuAction | { heading: string } | 'line';

const surface = 'floats z-50 min-w-52 max-w-80 rounded-card border border-line bg-raised p-1 shadow-float';
const row =
  'target flex h-8 items-center gap-2 rounded-[6px] px-2 text-control outline-none select-none data-[highlighted]:bg-hover';

type Primitives = Pick<typeof DropdownMenu, 'Item' | 'Separator' | 'Label'>;

function Entries({ entries, primitives }: { entries: MenuEntry[]; primitives: Primitives }) {
  const { Item, Separator, Label } = primitives;
  return entries.map((entry, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name of their own and never move
    if (entry === 'line') return <Separator key={index} className="my-1 h-px bg-line" />;
    if ('heading' in entry) {
      return (
        <Label key={entry.heading} className="px-2 pt-1.5 pb-1 text-meta font-medium text-third">
          {entry.heading}
        </Label>
      );
    }
    return (
      <Item
        key={entry.label}
        onSelect={entry.onSelect}
        className={classNames(row, entry.isDanger ? 'text-del' : 'text-text')}
        {...(entry.isChecked === undefined ? {} : { role: 'menuitemradio', 'aria-checked': entry.isChecked })}
      >
        {entry.icon && <span className={entry.isDanger ? '' : 'text-second'}>{entry.icon}</span>}
        <span className="min-w-0 flex-1 truncate">{entry.label}</span>
        {entry.isChecked && <Check size={14} strokeWidth={1.75} className="text-accent" aria-hidden />}
        {entry.keys && <kbd className="font-sans text-meta text-third">{entry.keys}</kbd>}
      </Item>
    );
  });
}

interface MenuProps {
  /** What opens it: one button. */
  children: ReactNode;
  entries: MenuEntry[];
  align?: ComponentProps<typeof DropdownMenu.Content>['align'];
  /** A first line that is no action. */
  header?: ReactNode;
  onCloseAutoFocus?(event: Event): void;
}

/** A menu that drops from a button. */
export function Menu({ children, entries, align = 'start', header, onCloseAutoFocus }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={surface}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          {header}
          <Entries entries={entries} primitives={DropdownMenu} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The same menu under a right click, Shift+F10 or a long press. */
export function ContextMenu({ children, entries, onCloseAutoFocus }: Omit<MenuProps, 'align' | 'header'>) {
  return (
    <RadixContextMenu.Root modal={false}>
      <RadixContextMenu.Trigger asChild>{children}</RadixContextMenu.Trigger>
      <RadixContextMenu.Portal>
        <RadixContextMenu.Content collisionPadding={8} className={surface} onCloseAutoFocus={onCloseAutoFocus}>
          <Entries entries={entries} primitives={RadixContextMenu as unknown as Primitives} />
        </RadixContextMenu.Content>
      </RadixContextMenu.Portal>
    </RadixContextMenu.Root>
  );
}
