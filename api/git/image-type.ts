/** What pictures begin with; each as browsers name it. */
const SIGNATURES: readonly (readonly [mediaType: string, at: number, bytes: string])[] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/bmp', 0, 'BM'],
  ['image/x-icon', 0, '\0\0\x01\0'],
  ['image/webp', 8, 'WEBP'],
  ['image/avif', 4, 'ftypavif'],
];

/** The kind of picture a file holds, by its content; by its name too where that is text. Null when it is none. */
export function imageTypeOf(path: string, content: Buffer): string | null {
  const beginning = content.subarray(0, 32).toString('latin1');
  const found = SIGNATURES.find(([, at, bytes]) => beginning.startsWith(bytes, at));
  if (found) return found[0];
  const isSvg = /\.svg$/i.test(path) && content.subarray(0, 4_096).toString('latin1').includes('<svg');
  return isSvg ? 'image/svg+xml' : null;
}
