import { readDotEnv } from './dot-env.ts';

const read = (text: string) =>
  readDotEnv(text).map(({ line, assignment }) => [line, assignment && `${assignment.name}=${assignment.value}`]);

describe('a .env file', () => {
  it('is read line by line, with comments, quotes and export', () => {
    const text = '# mail\nHOST=mail.example.com # where\n\nexport PORT = 25\r\nTITLE="a # b"\nEMPTY=\nRAW=\'$HOME\'\n';
    expect(read(text)).toEqual([
      [2, 'HOST=mail.example.com'],
      [4, 'PORT=25'],
      [5, 'TITLE=a # b'],
      [6, 'EMPTY='],
      [7, 'RAW=$HOME'],
    ]);
  });

  it('may hold values of several lines', () => {
    expect(read('KEY="-----BEGIN-----\nabc=\n-----END-----"\nNEXT=1')).toEqual([
      [1, 'KEY=-----BEGIN-----\nabc=\n-----END-----'],
      [4, 'NEXT=1'],
    ]);
  });

  it('names the lines that are no assignment, and goes on behind them', () => {
    expect(read('just words\nA=1\n=2\nB\nC=3')).toEqual([
      [1, null],
      [2, 'A=1'],
      [3, null],
      [4, null],
      [5, 'C=3'],
    ]);
  });

  it('refuses a quote that is never closed', () => {
    expect(read('A="open\nB=2')).toEqual([
      [1, null],
      [2, 'B=2'],
    ]);
  });
});
