import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 12;
/** The largest multiple of the alphabet's size below 256: bytes above it would make some letters likelier. */
const FAIR = 252;

/** A new session id: 12 of a-z and 0-9, 62 random bits, not guessable from others. */
export function newSessionId(): string {
  let id = '';
  while (id.length < LENGTH)
    for (const byte of randomBytes(LENGTH * 2)) if (byte < FAIR) id += ALPHABET[byte % ALPHABET.length];
  return id.slice(0, LENGTH);
}

export function branchOfSession(sessionId: string): string {
  return `kosuke-chat-${sessionId}`;
}

/** Refs of the base repository that keep work of a session which no branch leads to any more. They are never shown as branches. */
export function rescuePrefix(sessionId: string): string {
  return `refs/kosuke/rescue/${sessionId}/`;
}
