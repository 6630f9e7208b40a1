/** The address when it leads to the web or to a mailbox; null for everything else, such as scripts and local files. */
export function safeAddress(address: string | undefined): string | null {
  if (!address) return null;
  try {
    return ['http:', 'https:', 'mailto:'].includes(new URL(address).protocol) ? address : null;
  } catch {
    return null;
  }
}
