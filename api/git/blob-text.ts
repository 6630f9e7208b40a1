import { nodegit } from './nodegit.ts';
import { openRepository } from './open-repository.ts';
import type { BlobText } from './updates.ts';

/** The text of a stored file, up to a number of bytes; what is no text has none. */
export async function blobText({
  path,
  sha,
  maxBytes,
}: {
  path: string;
  sha: string;
  maxBytes: number;
}): Promise<BlobText> {
  const repository = await openRepository(path);
  try {
    const blob = await nodegit.Blob.lookup(repository, sha);
    const bytes = blob.rawsize();
    if (blob.isBinary()) return { text: null, bytes, isTruncated: false };
    const content = blob.content().subarray(0, maxBytes);
    // A character may be cut in the middle, at the end alone.
    const text = new TextDecoder('utf-8').decode(content, { stream: bytes > maxBytes });
    return { text, bytes, isTruncated: bytes > maxBytes };
  } finally {
    repository.cleanup();
  }
}
