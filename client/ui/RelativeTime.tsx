import { useSyncExternalStore } from 'react';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all of them, so a long list ticks with one timer. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const notify of listeners) notify();
  }, 20_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });
const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' });
const dayAndMonth = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** As short as a list needs it: now, 4m, 2h, yesterday, Fri, 3 Mar. */
export function shortTime(date: Date, at: number): string {
  const passed = at - date.getTime();
  if (passed < MINUTE) return 'now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)}m`;
  const midnight = new Date(at).setHours(0, 0, 0, 0);
  const daysBack = Math.ceil((midnight - date.getTime()) / DAY);
  if (daysBack <= 0 || passed < 6 * HOUR) return `${Math.floor(passed / HOUR)}h`;
  if (daysBack === 1) return ago.format(-1, 'day');
  return daysBack < 7 ? weekday.format(date) : dayAndMonth.format(date);
}

export function RelativeTime({ date: iso, className }: { date: string; className?: string }) {
  const at = useSyncExternalStore(subscribe, () => now);
  const date = new Date(iso);
  return (
    <time dateTime={iso} title={whole.format(date)} className={className}>
      {shortTime(date, Math.max(at, Date.now()))}
    </time>
  );
}
