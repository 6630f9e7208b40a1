/** Text as PostgreSQL can keep it: no NUL characters, no halves of surrogate pairs. Length in UTF-16 units stays the same. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed();
}
