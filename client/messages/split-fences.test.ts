import { splitFences } from './split-fences.ts';

describe('a message in pieces', () => {
  it.each([
    ['only words', [{ kind: 'words', text: 'only words' }]],
    ['!ls\n!pwd', [{ kind: 'command', text: '!ls\n!pwd' }]],
    [
      'Write this:\n```html a.html\n<h1>\n```\n!cat a.html',
      [
        { kind: 'words', text: 'Write this:\n' },
        { kind: 'code', label: 'html a.html', text: '<h1>' },
        { kind: 'command', text: '!cat a.html' },
      ],
    ],
    ['```\nnot closed', [{ kind: 'words', text: '```\nnot closed' }]],
    ['```js\n```', [{ kind: 'code', label: 'js', text: '' }]],
  ])('%j', (text, pieces) => {
    expect(splitFences(text)).toEqual(pieces);
  });
});
