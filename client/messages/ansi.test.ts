import { readAnsi } from './ansi.ts';

const textOf = (output: string) =>
  readAnsi(output)
    .map(({ text }) => text)
    .join('');

describe('terminal output', () => {
  it('has colours and bold as spans', () => {
    expect(readAnsi('\u001b[1;32mPASS\u001b[0m a')).toEqual([
      { text: 'PASS', colour: 'green', isBold: true },
      { text: ' a', colour: null, isBold: false },
    ]);
  });

  it('leaves out all other escape codes', () => {
    expect(textOf('\u001b[2J\u001b[?25la\u001b]0;title\u0007b\u001b(Bc\u0008')).toBe('abc');
  });

  it('shows the last state of a progress line', () => {
    expect(textOf('10 %\r50 %\r100 %\ndone\r\n')).toBe('100 %\ndone\n');
  });
});
