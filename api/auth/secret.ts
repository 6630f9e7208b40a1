import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, fit for URLs and cookies. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What of a secret is stored: 64 hexadecimal digits. Such secrets are random, so a plain hash tells nothing. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Takes the same time however much of it is right. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(given)), Buffer.from(hashOf(expected)));
}
