import type { CommitInput } from './git.ts';

/** Title, text, and trailers that neither of the two can forge. */
export function commitMessage({ title, body, trailers }: Pick<CommitInput, 'title' | 'body' | 'trailers'>): string {
  const paragraphs = [oneLine(title) || 'Changes'];
  const text = body?.replaceAll('\0', '').trim();
  if (text) paragraphs.push(text);
  const lines = Object.entries(trailers).map(
    ([key, value]) => `${key.replace(/[^A-Za-z0-9-]/g, '-')}: ${oneLine(value)}`,
  );
  if (lines.length > 0) paragraphs.push(lines.join('\n'));
  return `${paragraphs.join('\n\n')}\n`;
}

/** What a message of ours says under a key; the trailers are its last paragraph, which no title or text gets into. */
export function trailerOf(message: string, key: string): string | undefined {
  const lines = message.trimEnd().split('\n\n').at(-1)?.split('\n') ?? [];
  return lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
}

export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line end here would forge a trailer
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}
