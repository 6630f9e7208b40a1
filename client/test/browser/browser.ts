import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

export interface Window {
  context: BrowserContext;
  page: Page;
  close(): Promise<void>;
}

/** A browser of its own, with nothing remembered and no network of its own doing. */
export async function openWindow(options: { width?: number; height?: number; dark?: boolean } = {}): Promise<Window> {
  const profile = await mkdtemp(join(tmpdir(), 'kosuke-test-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.KOSUKE_TEST_CHROMIUM ?? '/usr/bin/chromium',
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** `describe` for journeys; skipped with the reason where there is no Chromium. */
export function journey(name: string, tell: () => void): void {
  const missing = process.env.KOSUKE_TEST_CHROMIUM_MISSING;
  if (missing) describe.skip(`${name} (${missing})`, tell);
  else describe(name, tell);
}
