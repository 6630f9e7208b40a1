import type { BigIntStats } from 'node:fs';
import type { IndexEntry, Oid } from './nodegit.ts';

/** What the index remembers of a file, so that git need not read it again while nobody touches it. */
export function indexEntry(path: string, id: Oid, mode: number, stats: BigIntStats): IndexEntry {
  return {
    path,
    id: id.tostrS(),
    mode,
    fileSize: Number(stats.size & 0xffffffffn),
    dev: Number(stats.rdev & 0xffffffffn),
    ino: Number(stats.ino & 0xffffffffn),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtime: indexTime(stats.mtimeNs),
    ctime: indexTime(stats.ctimeNs),
    flags: 0,
    flagsExtended: 0,
  };
}

function indexTime(nanoseconds: bigint): { seconds: number; nanoseconds: number } {
  return { seconds: Number(nanoseconds / 1_000_000_000n), nanoseconds: Number(nanoseconds % 1_000_000_000n) };
}
