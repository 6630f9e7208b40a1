import { addPart, appendText, Gap, type Part, updatePart } from './fold-parts.ts';

const words = (text: string): Part => ({ __typename: 'TextPart', position: 0, text });
const command = (status: 'RUNNING' | 'SUCCEEDED', output: string): Part => ({
  __typename: 'ToolCallPart',
  position: 1,
  toolCallId: 't1',
  title: 'ls',
  kind: 'EXECUTE',
  status,
  output,
  outputTruncated: false,
  paths: [],
  exitCode: null,
  durationMs: null,
});

describe('folding events into parts', () => {
  it('adds a part once, in its place', () => {
    const parts = addPart(addPart([], command('RUNNING', '')), words('a'));
    expect(parts.map(({ position }) => position)).toEqual([0, 1]);
    expect(addPart(parts, words(''))).toBe(parts);
  });

  it('adds what is new of a text, whatever of it is there', () => {
    expect(appendText([words('one ')], 0, 4, 'two')).toEqual([words('one two')]);
    expect(appendText([words('one tw')], 0, 4, 'two')).toEqual([words('one two')]);
    const whole = [words('one two')];
    expect(appendText(whole, 0, 4, 'two')).toBe(whole);
    expect(appendText(whole, 0, 0, 'one')).toBe(whole);
  });

  it('counts as the server does, in UTF-16 units', () => {
    expect(appendText([words('\u{1f600}')], 0, 2, '!')).toEqual([words('\u{1f600}!')]);
  });

  it('says so when something before was missed', () => {
    expect(() => appendText([words('one')], 0, 4, 'two')).toThrow(Gap);
    expect(() => appendText([], 0, 0, 'two')).toThrow(Gap);
  });

  it('keeps the output of a command whose state changes', () => {
    expect(updatePart([command('RUNNING', 'a.txt')], command('SUCCEEDED', ''))).toEqual([
      command('SUCCEEDED', 'a.txt'),
    ]);
  });
});
