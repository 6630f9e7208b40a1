// Many sessions through the whole program: what is left of them, and what the others notice meanwhile.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inMs, quantile } from './measure.mjs';
import { makeRepository } from './repositories.mjs';
import { startServer, until } from './server.mjs';

const AT_ONCE = 4;

const foldersIn = (path) => {
  try {
    return readdirSync(path).length;
  } catch {
    return 0;
  }
};

/** So many sessions made, run and deleted; then the trash is emptied, and nothing may be left. */
export async function benchSoak(folder, sessions, say) {
  const dataDir = join(folder, 'soak');
  const settings = { KOSUKE_AGENT_IDLE_SECONDS: '1', KOSUKE_TRASH_DAYS: '0' };
  const server = await startServer(dataDir, settings);
  const projectId = await server.newProject({ template: 'STATIC_WEB_PAGE' });
  const rows = [];
  const look = async (made) => {
    // Agents end when they were idle for a second.
    await delay(3_000);
    const { residentMb, handles } = server.usage();
    rows.push([made.toLocaleString('en'), `${Math.round(residentMb)} MB`, handles]);
    say(`${made} sessions: ${Math.round(residentMb)} MB, ${handles} handles`);
  };
  let made = 0;
  const one = async () => {
    const id = await server.newSession(projectId, `Session ${made}`);
    await server.talk(id, '!echo a > a.txt');
    await server.deleteSession(id);
  };
  await look(0);
  for (const until of [0.1, 0.5, 1].map((part) => Math.round(sessions * part))) {
    const worker = async () => {
      while (made < until) {
        made += 1;
        await one();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await look(made);
  }
  await server.stop();

  // What was deleted is gone for good after the days that are set, 0 here; a start looks for it at once.
  const again = await startServer(dataDir, settings);
  const project = join(dataDir, 'projects', projectId);
  const left = () => ['sessions', 'homes'].reduce((sum, name) => sum + foldersIn(join(project, name)), 0);
  const deadline = performance.now() + 120_000;
  await until(() => left() + foldersIn(join(dataDir, 'trash')) === 0 || performance.now() > deadline);
  const directories = left() + foldersIn(join(dataDir, 'trash'));
  await again.stop();
  return { rows, directories };
}

/** So many sessions of a repository of 10,000 files at once, while somebody else looks at the list of sessions. */
export async function benchBurst(folder, { sessions, files }, say) {
  const source = join(folder, 'burst-source');
  say(`${sessions} at once: making the repository`);
  await makeRepository(source, files);
  const server = await startServer(join(folder, 'burst'));
  const projectId = await server.newProject({ localPath: source });
  const list = () =>
    server.ask(
      `query ($id: ID!) { project(id: $id) { sessions(first: 50) {
         totalCount edges { node { id title unreadCount workspace { status message progress } latestRun { status } } }
       } } }`,
      { id: projectId },
    );
  const listen = async (isOver) => {
    const waits = [];
    while (!isOver()) {
      const from = performance.now();
      await list();
      waits.push(performance.now() - from);
      await delay(10);
    }
    return waits;
  };
  for (let warm = 0; warm < 50; warm += 1) await list();
  const quietUntil = performance.now() + 3_000;
  const quiet = await listen(() => performance.now() > quietUntil);

  say(`${sessions} at once: making the sessions`);
  let open = sessions;
  const from = performance.now();
  const waits = listen(() => open === 0);
  const ready = await Promise.all(
    Array.from({ length: sessions }, async (_, at) => {
      const id = await server.newSession(projectId, `Session ${at}`);
      await until(async () => (await server.workspaceStatus(id)) === 'READY', 200);
      open -= 1;
      return performance.now() - from;
    }),
  );
  const busy = await waits;
  await server.stop();
  const line = (times) => [0.5, 0.95, 0.99, 1].map((part) => inMs(quantile(times, part)));
  return {
    rows: [
      ['nobody else', quiet.length, ...line(quiet)],
      [`${sessions} workspaces are made`, busy.length, ...line(busy)],
    ],
    p95: quantile(busy, 0.95),
    allReadyMs: Math.max(...ready),
  };
}
