/** Names one attempt to change something, so that the server knows it again when it is sent twice. */
export function newMutationId(): string {
  // Pages without https, such as a server reached over the local network, have no randomUUID.
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
