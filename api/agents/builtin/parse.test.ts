import { parse } from './parse.ts';

describe('reading a message', () => {
  it('finds nothing to do in ordinary words, pictures and unnamed code', () => {
    expect(parse('Please add a page!\n\n![a picture](x.png)\n!\n```js\n!ls\n```\n- list')).toEqual([]);
  });

  it('takes each line that starts with ! as a command of its own', () => {
    expect(parse('first\n!ls -la\r\n! echo "a  b"\n')).toEqual([
      { type: 'command', command: 'ls -la' },
      { type: 'command', command: 'echo "a  b"' },
    ]);
  });

  it.each([
    ['after the language', '```html index.html\n<p>\n```', 'index.html'],
    ['alone, with a folder', '```src/Makefile\n<p>\n```', 'src/Makefile'],
    ['alone, with a dot', '~~~a.txt\n<p>\n~~~', 'a.txt'],
    ['on the line before', 'Here:\n\n`src/a.ts`:\n```ts\n<p>\n```', 'src/a.ts'],
    ['in bold on the line before', '**b.css:**\n```\n<p>\n```', 'b.css'],
  ])('finds the name of a file %s', (_, message, path) => {
    expect(parse(message)).toEqual([{ type: 'write', path, content: '<p>\n' }]);
  });

  it.each(['```js {1,3}\nx\n```', '```js title="a.js"\nx\n```', 'Note:\n```js\nx\n```', '```c++\nx\n```'])(
    'takes no attribute or language for a name: %s',
    (message) => expect(parse(message)).toEqual([]),
  );

  it('keeps blocks and commands within a longer fence as content', () => {
    const content = 'Run\n```\n!ls\n```\n';
    expect(parse(`\`\`\`\`md README.md\n${content}\`\`\`\`\n!next`)).toEqual([
      { type: 'write', path: 'README.md', content },
      { type: 'command', command: 'next' },
    ]);
  });

  it('does not write a file whose block is not closed', () => {
    expect(parse('```html index.html\n<p>')).toEqual([
      { type: 'problem', message: expect.stringContaining('index.html is not closed') },
    ]);
  });

  it('makes an empty file of an empty block', () => {
    expect(parse('```a/.keep\n```')).toEqual([{ type: 'write', path: 'a/.keep', content: '' }]);
  });

  it('reads a diff outside of any block, up to its last line', () => {
    const diff = '--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+!c\n \n';
    // The blank of the empty context line is lost, as by many editors.
    expect(parse(`Do this:\n${diff.replace('\n \n', '\n\n')}!make\n- no diff`)).toEqual([
      { type: 'diff', diff },
      { type: 'command', command: 'make' },
    ]);
  });

  it("reads git's diff of several files as one", () => {
    const diff = `diff --git a/x b/y
similarity index 100%
rename from x
rename to y
diff --git a/z b/z
deleted file mode 100644
index 257cc56..0000000
--- a/z
+++ /dev/null
@@ -1 +0,0 @@
-foo
\\ No newline at end of file
`;
    expect(parse(`${diff}\nThanks`)).toEqual([{ type: 'diff', diff }]);
    expect(parse(`\`\`\`diff\n${diff}\`\`\``)).toEqual([{ type: 'diff', diff }]);
  });
});
