import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { type Fixture, git, makeRepository } from '../../../api/test/git-fixture.ts';
import { type ServerProcess, startServer } from '../../../api/test/server-process.ts';
import { journey, openWindow, type Window } from './browser.ts';

const WAIT_MS = 60_000;
const TICKS = 120;

const ticks = (name: string) => Array.from({ length: TICKS }, (_, index) => `${name} ${index + 1}`);
/** Counts, waits in the middle until it is let go on, counts on, and writes a file. */
const prompt = (name: string) =>
  [
    `!for i in $(seq 1 ${TICKS}); do`,
    ` [ $i = 60 ] && until [ -e ~/go ]; do sleep 0.02; done;`,
    ` echo ${name} $i; sleep 0.01; done\n`,
    `\`\`\`text ${name}.txt\n${name}\n\`\`\``,
  ].join('');

journey('the main job in a browser', () => {
  let dataDir: string;
  let repository: Fixture;
  let server: ServerProcess;
  let window: Window;
  let page: Page;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'kosuke-test-data-'));
    repository = await makeRepository({ 'README.md': '# Shop\n' });
    // No DATABASE_URL: the database is the embedded one, as for somebody who only typed `npm start`.
    server = await startServer({
      KOSUKE_DATA_DIR: dataDir,
      KOSUKE_LOG_LEVEL: 'error',
      HOME: dataDir,
      TMPDIR: tmpdir(),
    });
    window = await openWindow();
    page = window.page;
    page.setDefaultTimeout(WAIT_MS);
  }, 120_000);

  afterAll(async () => {
    await window?.close();
    await server?.end('SIGTERM');
    await repository?.remove();
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  const field = () => page.getByRole('textbox', { name: 'Message' });
  const sidebar = () => page.getByRole('navigation', { name: 'Chats' });
  const commits = () => page.getByRole('button', { name: /^Commit/ });

  /** What a command prints, once it has printed something. */
  const outputOf = (name: string) => page.locator('pre', { hasText: new RegExp(`${name} \\d+`) }).first();

  /** The address changes before the page does; what is typed or read before that is another chat's. */
  const shown = (id: string) =>
    page
      .getByRole('region', { name: 'Conversation' })
      .getByText(`kosuke-chat-${id.slice(0, 4)}`)
      .first()
      .waitFor();

  async function newChat(title: string): Promise<string> {
    const before = page.url();
    await sidebar()
      .getByRole('button', { name: /New chat/ })
      .click();
    await page.waitForURL((url) => /\/chats\/[a-z0-9]+$/.test(url.pathname) && url.href !== before);
    await sidebar()
      .getByRole('link', { name: /New chat/ })
      .first()
      .click({ button: 'right' });
    await page.getByRole('menuitem', { name: /Rename/ }).click();
    const rename = page.getByRole('textbox', { name: /New name of/ });
    await rename.fill(title);
    await rename.press('Enter');
    await sidebar()
      .getByRole('link', { name: new RegExp(title) })
      .waitFor();
    const id = page.url().split('/').at(-1) ?? '';
    await shown(id);
    return id;
  }

  async function say(text: string): Promise<void> {
    await field().fill(text);
    await field().press('Enter');
    await page.waitForFunction("document.querySelector('textarea[aria-label=Message]')?.value === ''");
  }

  /** What the open conversation shows of a command's output, line by line. */
  async function linesOf(name: string): Promise<string[]> {
    const earlier = page.getByRole('button', { name: /^Show \d+ earlier/ });
    while ((await earlier.count()) > 0) await earlier.first().click();
    const output = await page.getByRole('region', { name: 'Conversation' }).locator('pre').allTextContents();
    return output
      .join('\n')
      .split('\n')
      .filter((line) => new RegExp(`^${name} \\d+$`).test(line.trim()));
  }

  async function expectAccessible(): Promise<void> {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
  }

  it('signs in by the printed link, once', async () => {
    const link = /http:\/\/\S+\/sign-in\?token=\S+/.exec(server.output())?.[0] ?? '';
    await page.goto(link);
    await page.getByRole('button', { name: /From a folder or URL/ }).waitFor();
    await expectAccessible();
    const again = await fetch(link, { redirect: 'manual' });
    expect(again.status).toBe(410);
  }, 120_000);

  it('adds a repository', async () => {
    await page.getByRole('button', { name: /From a folder or URL/ }).click();
    await page.getByLabel('Folder or URL').fill('/nowhere/at/all');
    await page.getByRole('button', { name: 'Add project' }).click();
    await page.getByText('There is no such folder on the server').waitFor();
    await page.getByLabel('Folder or URL').fill(repository.path);
    await page.getByRole('button', { name: 'Add project' }).click();
    await page.waitForURL(/\/projects\/\d+/);
    await sidebar()
      .getByRole('button', { name: /New chat/ })
      .waitFor();
  }, 60_000);

  it('talks in two chats at once, misses nothing over a reload, and shows a commit of each on its own branch', async () => {
    const one = await newChat('Alpha');
    await say(prompt('alpha'));
    await outputOf('alpha').waitFor();
    const two = await newChat('Beta');
    await say(prompt('beta'));
    await outputOf('beta').waitFor();
    expect(two).not.toBe(one);

    // In the middle of the stream.
    await page.reload();
    await outputOf('beta').waitFor();
    expect(await commits().count()).toBe(0);
    for (const id of [one, two]) await writeFile(join(dataDir, 'projects', '1', 'homes', id, 'go'), '');

    await commits().first().waitFor();
    expect(await linesOf('beta')).toEqual(ticks('beta'));
    expect(await linesOf('alpha')).toEqual([]);
    const shaOfTwo = await commits().first().textContent();

    await sidebar().getByRole('link', { name: /Alpha/ }).click();
    await page.waitForURL(new RegExp(`/chats/${one}$`));
    await shown(one);
    await outputOf('alpha').waitFor();
    await commits().first().waitFor();
    expect(await linesOf('alpha')).toEqual(ticks('alpha'));
    const shaOfOne = await commits().first().textContent();

    const base = join(dataDir, 'projects', '1', 'main');
    const onBranch = (id: string) => git(base, 'log', '-1', '--format=%h', '--abbrev=7', `kosuke-chat-${id}`);
    expect(shaOfOne).toContain(await onBranch(one));
    expect(shaOfTwo).toContain(await onBranch(two));
    expect(await git(base, 'ls-tree', '--name-only', `kosuke-chat-${one}`)).toBe('README.md\nalpha.txt');
    expect(await git(base, 'ls-tree', '--name-only', `kosuke-chat-${two}`)).toBe('README.md\nbeta.txt');
    await expectAccessible();
  }, 240_000);

  it('goes back and forth between chats by the history of the browser', async () => {
    const here = page.url();
    await page.goBack();
    await page.waitForURL((url) => url.href !== here);
    await outputOf('beta').waitFor();
    await commits().first().waitFor();
    expect(await linesOf('beta')).toEqual(ticks('beta'));
    await page.goForward();
    await page.waitForURL(here);
    await outputOf('alpha').waitFor();
  }, 60_000);

  it('stops a run and keeps what was said', async () => {
    await say('!echo before the end; sleep 600');
    await page.getByText('before the end').last().waitFor();
    await page.getByRole('button', { name: 'Stop the agent' }).click();
    await page.getByRole('button', { name: 'Stop the agent' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('region', { name: 'Conversation' }).textContent()).toContain('before the end');
  }, 60_000);

  it('says when the connection is lost, and heals without losing or doubling a word', async () => {
    await say(`!for i in $(seq 1 ${TICKS}); do echo gamma $i; sleep 0.03; done`);
    await outputOf('gamma').waitFor();
    await window.context.setOffline(true);
    await page.getByText(/Connection lost/).waitFor();
    await window.context.setOffline(false);
    await page.getByText(/Connection lost/).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Stop the agent' }).waitFor({ state: 'detached' });
    expect(await linesOf('gamma')).toEqual(ticks('gamma'));
  }, 90_000);

  it('watches over GraphiQL, which needs nothing from elsewhere', async () => {
    const here = page.url();
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!/^(http:\/\/127\.0\.0\.1|data:|blob:)/.test(request.url())) elsewhere.push(request.url());
    });
    await page.goto(new URL('/graphiql', here).href);
    await page.locator('.graphiql-editor .monaco-editor').first().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText('subscription Live { projectChanged { kind project { name } } }');
    await page.getByRole('tab', { name: 'Live' }).waitFor();
    await page.keyboard.press('Control+Enter');
    const rename = `fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { updateProject(input: { id: "1", name: "Watched" }) { __typename } }' }),
    }).then(() => undefined)`;
    const seen = page.locator('.result-window').getByText('"Watched"').first();
    // The subscription says nothing when it begins to listen, so there has to be a change after that.
    while (!(await seen.isVisible())) await page.evaluate(rename);
    expect(elsewhere).toEqual([]);
    await page.goto(here);
  }, 60_000);

  it('works on a phone: one thing at a time', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await field().waitFor();
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await expectAccessible();
  }, 60_000);
});
