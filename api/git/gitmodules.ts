import { isSafePath } from './safe-path.ts';

/** More than any repository that means well. */
const SUBMODULES_MAX = 100;

export interface GitmodulesEntry {
  path: string;
  /** As it is written there; untrusted. Null without one. */
  url: string | null;
}

/**
 * Reads a .gitmodules by itself, without git's settings around it. Entries whose name or path could lead anywhere else than
 * into a folder of the repository are passed over, as git does.
 */
export function readGitmodules(text: string): GitmodulesEntry[] {
  const entries = new Map<string, Partial<Record<'path' | 'url', string>>>();
  let current: Partial<Record<'path' | 'url', string>> | null = null;
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[submodule "((?:[^"\\]|\\.)*)"\]\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      current = entries.get(name) ?? {};
      entries.set(name, current);
      continue;
    }
    if (/^\s*\[/.test(line)) current = null;
    const [, key, value] = /^\s*(path|url)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (current && (key === 'path' || key === 'url') && value !== undefined) current[key] = unquoted(value);
  }
  const found: GitmodulesEntry[] = [];
  for (const [name, { path, url }] of entries) {
    if (found.length === SUBMODULES_MAX) break;
    if (path === undefined || !isHarmless(name) || !isHarmless(path)) continue;
    found.push({ path, url: url ?? null });
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function isHarmless(path: string): boolean {
  return isSafePath(path) && !path.startsWith('-') && !path.includes('\\');
}

function unquoted(value: string): string {
  const [, inner] = /^"(.*)"$/.exec(value) ?? [];
  return inner === undefined ? value : inner.replace(/\\(["\\])/g, '$1');
}
