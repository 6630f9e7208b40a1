import type { Missing } from './reads.ts';

/** Thrown anywhere inside a read; the read then answers which part of the question is not there. */
export class NotThere extends Error {
  override readonly name = 'NotThere';

  constructor(readonly missing: Missing['missing']) {
    super(missing);
  }
}

export async function orMissing<T>(read: () => Promise<T>): Promise<T | Missing> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotThere) return { missing: error.missing };
    throw error;
  }
}
