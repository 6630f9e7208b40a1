import { SecretMask } from './secret-mask.ts';

const SECRET = 'sk-live-$1(a+b)';

function inPieces(mask: SecretMask, pieces: string[]): string {
  const stream = mask.stream();
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
}

describe('the mask of secrets', () => {
  const mask = new SecretMask([SECRET, 'sk-live-$1(a+b)-long', 'short']);

  it('replaces every secret of a whole text, and no value that is too short', () => {
    expect(mask.whole(`a ${SECRET} b ${SECRET}${SECRET} short`)).toBe('a *** b ****** short');
  });

  it('replaces the longer of two secrets that begin alike', () => {
    expect(mask.whole(`${SECRET}-long`)).toBe('***');
    expect(inPieces(mask, [SECRET, '-lo', 'ng!'])).toBe('***!');
    expect(inPieces(mask, [SECRET, '-lo', 'st!'])).toBe('***-lost!');
  });

  it.each([1, 2, 3, 7, 14, 15, 16])('replaces a secret that comes in pieces of %i characters', (size) => {
    const text = `x sk-live ${SECRET}, sk-${SECRET} sk-live-$1`;
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(inPieces(mask, pieces)).toBe('x sk-live ***, sk-*** sk-live-$1');
  });

  it('shows at once what is no beginning of a secret', () => {
    const stream = mask.stream();
    expect(stream.push('hello s')).toBe('hello ');
    expect(stream.push('ide')).toBe('side');
    expect(stream.end()).toBe('');
  });
});
