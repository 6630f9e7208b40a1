import { useSyncExternalStore } from 'react';

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(query).matches,
  );
}

/** How much room there is: one thing at a time, one thing with others laid over it, or columns. */
export function useRoom(): 'phone' | 'tablet' | 'desktop' {
  const isNarrow = useMedia('(max-width: 1023px)');
  const isPhone = useMedia('(max-width: 639px)');
  if (isPhone) return 'phone';
  return isNarrow ? 'tablet' : 'desktop';
}
