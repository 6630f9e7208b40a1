import { useEffect, useState } from 'react';

/** Puts text on the clipboard. `hasCopied` is true for a moment afterwards. */
export function useCopy(): { hasCopied: boolean; copy(text: string): Promise<boolean> } {
  const [hasCopied, setHasCopied] = useState(false);
  useEffect(() => {
    if (!hasCopied) return;
    const timer = setTimeout(() => setHasCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [hasCopied]);
  return {
    hasCopied,
    async copy(text) {
      const isDone = await copyText(text);
      setHasCopied(isDone);
      return isDone;
    },
  };
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The clipboard is closed to pages without https, such as a server reached over the local network. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  return isDone;
}
