import { rm } from 'node:fs/promises';
import './global-setup.ts';

export default async function globalTeardown(): Promise<void> {
  const database = globalThis.kosukeTestDatabase;
  if (!database) return;
  globalThis.kosukeTestDatabase = undefined;
  await database.server.stop();
  await rm(database.folder, { recursive: true, force: true });
}
