import { useEffect } from 'react';
import { useStored } from './useStored.ts';

export type Theme = 'system' | 'light' | 'dark';

/** The chosen theme. public/theme.js reads the same key before the first paint. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [stored, store] = useStored('kosuke.theme', 'system');
  const theme = stored === 'light' || stored === 'dark' ? stored : 'system';
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return [theme, store];
}
