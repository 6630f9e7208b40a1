import { wordChanges } from './word-changes.ts';

const marked = (side: { text: string; isChanged: boolean }[] | undefined) =>
  side?.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join('');

it('marks the words that differ on both sides', () => {
  const [before, after] = wordChanges('  return round(sum)', '  return euros(sum)') ?? [];
  expect(marked(before)).toBe('  return [round](sum)');
  expect(marked(after)).toBe('  return [euros](sum)');
});

it('leaves lines alone that have hardly anything in common', () => {
  expect(wordChanges('const a = 1;', 'export function total(lines: Line[]) {')).toBeNull();
});

it('leaves very long lines alone', () => {
  expect(wordChanges('x '.repeat(300), 'y '.repeat(300))).toBeNull();
});
