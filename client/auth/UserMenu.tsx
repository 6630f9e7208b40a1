import type { FragmentType } from '@apollo/client';
import { useFragment } from '@apollo/client/react';
import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { graphql } from '../gql/gql.ts';
import type { UserMenu_ViewerFragment } from '../gql/graphql.ts';
import { Menu } from '../ui/Menu.tsx';
import { useToast } from '../ui/Toast.tsx';
import { type Theme, useTheme } from '../ui/theme.ts';
import { useSignOut } from './useSignOut.ts';

export const UserMenuFragment = graphql(`
  fragment UserMenu_viewer on Viewer {
    id
    name
    email
    server {
      version
    }
  }
`);

const themes: { theme: Theme; label: string; Icon: typeof Sun }[] = [
  { theme: 'system', label: 'Like the system', Icon: Monitor },
  { theme: 'light', label: 'Light', Icon: Sun },
  { theme: 'dark', label: 'Dark', Icon: Moon },
];

export function UserMenu({ viewer }: { viewer: FragmentType<UserMenu_ViewerFragment> }) {
  const { data, complete } = useFragment({ fragment: UserMenuFragment, from: viewer });
  const [chosen, choose] = useTheme();
  const signOut = useSignOut();
  const toast = useToast();
  if (!complete) return null;

  return (
    <Menu
      align="end"
      header={
        <div className="border-line border-b px-2 pt-1.5 pb-2">
          <p className="truncate text-control font-medium">{data.name}</p>
          <p className="truncate text-meta text-third">
            {data.email ? `${data.email} · ` : ''}Kosuke {data.server.version}
          </p>
        </div>
      }
      entries={[
        { heading: 'Appearance' },
        ...themes.map(({ theme, label, Icon }) => ({
          label,
          icon: <Icon size={14} strokeWidth={1.75} aria-hidden />,
          isChecked: theme === chosen,
          onSelect: () => choose(theme),
        })),
        'line',
        {
          label: 'Sign out',
          icon: <LogOut size={14} strokeWidth={1.75} aria-hidden />,
          onSelect: () =>
            void signOut().catch(() =>
              toast({ text: 'You are still signed in: the server cannot be reached. Try again.', isProblem: true }),
            ),
        },
      ]}
    >
      {(trigger) => (
        <button
          type="button"
          aria-label={`Account of ${data.name}`}
          className="target flex items-center justify-center rounded-full"
          {...trigger}
        >
          <span className="flex size-7 items-center justify-center rounded-full bg-avatar text-[11px] font-semibold text-on-avatar">
            {initialsOf(data.name)}
          </span>
        </button>
      )}
    </Menu>
  );
}

/** First letters of the first and last word; of a single word its first two. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? words.at(-1) : undefined;
  const letters = last
    ? [...(words[0] ?? '')].slice(0, 1).concat([...last].slice(0, 1))
    : [...(words[0] ?? '?')].slice(0, 2);
  return letters.join('').toUpperCase();
}
