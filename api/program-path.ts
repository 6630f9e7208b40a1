import { fileURLToPath } from 'node:url';

/**
 * The file of a program of ours that runs in its own process, as JavaScript that plain Node can start. Tests run the
 * TypeScript sources, so from there it is found in the build beside them.
 */
export function programPath(importer: string, relative: string): string {
  const path = fileURLToPath(new URL(relative, importer));
  if (!importer.endsWith('.ts')) return path;
  const root = fileURLToPath(new URL('./', import.meta.url));
  return path.replace(root, fileURLToPath(new URL('../dist/api/', import.meta.url)));
}
