import { commitTitle } from './commit-title.ts';

describe('the title of a commit', () => {
  it.each([
    ['Make the cart round once, at the total.\n\nIt is off by a cent.', 'Make the cart round once, at the total.'],
    ['## Round once', 'Round once'],
    ['!npm test\n!npm run build', 'Run npm test'],
    ['```html about.html\n<h1>About</h1>\n```', 'Write about.html'],
    ['```html about.html\n<h1>About</h1>\n```\nAn about page', 'An about page'],
    ['diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b', 'Apply a change'],
    ['x'.repeat(100), `${'x'.repeat(69)}...`],
    ['???', 'Apply a change'],
  ])('of %j is %j', (prompt, title) => {
    expect(commitTitle(prompt)).toBe(title);
  });
});
