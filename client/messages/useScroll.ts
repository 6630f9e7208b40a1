import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

const NEAR_END_PX = 48;
const NEAR_START_PX = 600;

/**
 * Scrolling of a conversation: stays at the end while one is there, keeps one's place when something comes in front.
 * @param firstId the first thing shown; another one means that earlier ones were put in front
 * @param isShown whether there is something to scroll yet
 */
export function useScroll(firstId: string | undefined, isShown: boolean, onNearStart: () => void) {
  const viewport = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const lastTop = useRef(0);
  const before = useRef({ firstId, height: 0 });
  const nearStart = useRef(onNearStart);
  nearStart.current = onNearStart;

  const toEnd = useCallback(() => {
    const view = viewport.current;
    if (!view) return;
    sticks.current = true;
    setAtEnd(true);
    view.scrollTop = view.scrollHeight;
  }, []);

  const onScroll = () => {
    const view = viewport.current;
    if (!view) return;
    // What came meanwhile may have made the way to the end long again; only going up lets go of it.
    if (view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_END_PX) sticks.current = true;
    else if (view.scrollTop < lastTop.current) sticks.current = false;
    lastTop.current = view.scrollTop;
    setAtEnd(sticks.current);
    if (view.scrollTop < NEAR_START_PX && view.scrollHeight > view.clientHeight) nearStart.current();
  };

  useLayoutEffect(() => {
    const view = viewport.current;
    if (!view) return;
    const { firstId: oldFirst, height } = before.current;
    if (oldFirst && firstId !== oldFirst && !sticks.current) view.scrollTop += view.scrollHeight - height;
    before.current = { firstId, height: view.scrollHeight };
  });

  useEffect(() => {
    const view = viewport.current;
    if (!isShown || !view || !content.current) return;
    const observer = new ResizeObserver(() => {
      before.current.height = view.scrollHeight;
      if (sticks.current) view.scrollTop = view.scrollHeight;
    });
    observer.observe(content.current);
    observer.observe(view);
    return () => observer.disconnect();
  }, [isShown]);

  return { viewport, content, isAtEnd, toEnd, onScroll };
}
