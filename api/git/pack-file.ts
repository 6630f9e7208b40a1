import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/** The numbers of git's pack format. */
const TYPES = { tree: 2, blob: 3 };

/** Not compressed: what is written here is read once. */
const LEVEL = 0;

interface Packed {
  sha: string;
  bytes: Buffer;
}

/**
 * Many new objects as one pack with its index, in git's own format (version 2 of both). libgit2 would write a file for each, which
 * takes a hundred times as long.
 */
export class PackFile {
  private readonly objects = new Map<string, Packed>();

  /** Takes an object in and gives its name. */
  add(type: keyof typeof TYPES, content: Buffer): string {
    const sha = createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
    if (!this.objects.has(sha)) {
      const bytes = Buffer.concat([objectHeader(TYPES[type], content.length), deflateSync(content, { level: LEVEL })]);
      this.objects.set(sha, { sha, bytes });
    }
    return sha;
  }

  /** Writes both files into the folder of packs; none when nothing was added. */
  write(folder: string): void {
    if (this.objects.size === 0) return;
    const header = Buffer.alloc(12);
    header.write('PACK');
    header.writeUInt32BE(2, 4);
    header.writeUInt32BE(this.objects.size, 8);
    const objects = [...this.objects.values()];
    const body = Buffer.concat([header, ...objects.map(({ bytes }) => bytes)]);
    const checksum = sha1(body);
    const name = join(folder, `pack-${checksum.toString('hex')}`);
    writeFileSync(`${name}.pack`, Buffer.concat([body, checksum]));
    writeFileSync(`${name}.idx`, indexOf(objects, header.length, checksum));
  }
}

function objectHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}

function indexOf(objects: Packed[], start: number, packChecksum: Buffer): Buffer {
  let offset = start;
  const placed = objects.map((object) => {
    const at = offset;
    offset += object.bytes.length;
    return { ...object, at };
  });
  placed.sort((one, other) => (one.sha < other.sha ? -1 : 1));
  const upTo = (first: number) => placed.filter(({ sha }) => Number.parseInt(sha.slice(0, 2), 16) <= first).length;
  const numbers = Array.from({ length: 256 }, (_, first) => upTo(first));
  const index = Buffer.concat([
    Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]),
    ...numbers.map(uint32),
    ...placed.map(({ sha }) => Buffer.from(sha, 'hex')),
    ...placed.map(({ bytes }) => uint32(crc32(bytes))),
    ...placed.map(({ at }) => uint32(at)),
    packChecksum,
  ]);
  return Buffer.concat([index, sha1(index)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const sha1 = (content: Buffer) => createHash('sha1').update(content).digest();
