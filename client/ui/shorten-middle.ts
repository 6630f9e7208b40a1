/** Keeps both ends, which is where names differ: kosuke-chat-k3m9…7ab. */
export function shortenMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = 3;
  return `${text.slice(0, length - end - 1)}…${text.slice(-end)}`;
}
