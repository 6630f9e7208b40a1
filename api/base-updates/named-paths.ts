const NAMED = 5;

/** A few files by name, and how many more there are. */
export function named(paths: string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  return `${paths.slice(0, NAMED).join(', ')}${more}`;
}
