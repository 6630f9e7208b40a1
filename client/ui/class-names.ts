/** Joins what is there; lets a component say `isActive && 'font-medium'`. */
export function classNames(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
