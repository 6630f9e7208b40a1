import { open } from 'node:fs/promises';

/** How many files the index of a workspace lists: the number in its header. None where there is no index, as without a commit. */
export async function indexedFiles(index: string): Promise<number> {
  const file = await open(index).catch(() => null);
  if (!file) return 0;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0);
    return bytesRead === 12 ? buffer.readUInt32BE(8) : 0;
  } finally {
    await file.close();
  }
}
