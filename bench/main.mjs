// `npm run bench`: how fast the product is on this machine, against the git command line in the same run.
import { mkdirSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { git } from './git.mjs';
import { inMs, table } from './measure.mjs';
import { benchBurst, benchSoak } from './sessions.mjs';
import { benchWorkspaces, workspaceHead } from './workspaces.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'workspaces,soak,burst' },
    rounds: { type: 'string' },
    sizes: { type: 'string' },
  },
});
const parts = values.only.split(',');
const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
const sizes = (values.sizes ?? (values.quick ? '1000' : '1000,10000,70000')).split(',').map(Number);
const folder = join(realpathSync(process.env.TMPDIR ?? '/tmp'), 'bench');
mkdirSync(folder);
const say = (text) => console.error(`- ${text}`);

console.log(`${availableParallelism()} cores, Node ${process.version}, ${git('/', '--version')}\n`);

if (parts.includes('workspaces')) {
  const rows = [];
  for (const files of sizes) rows.push(...(await benchWorkspaces(folder, files, rounds, say)));
  console.log(`Workspaces, ${rounds} rounds\n\n${table(workspaceHead, rows)}\n`);
}
if (parts.includes('soak')) {
  const sessions = values.quick ? 50 : 500;
  const { rows, directories } = await benchSoak(folder, sessions, say);
  console.log(`${sessions} sessions made, run and deleted\n`);
  console.log(`${table(['sessions so far', 'resident memory', 'open handles'], rows)}\n`);
  console.log(`Directories left after the trash was emptied: ${directories}\n`);
}
if (parts.includes('burst')) {
  const size = values.quick ? { sessions: 5, files: 1_000 } : { sessions: 20, files: 10_000 };
  const { rows, p95, allReadyMs } = await benchBurst(folder, size, say);
  console.log(`${size.sessions} sessions at once, ${size.files.toLocaleString('en')} files\n`);
  console.log(`${table(['the API while', 'answers', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'], rows)}\n`);
  console.log(`All ready after ${inMs(allReadyMs)} ms. p95 under 100 ms: ${p95 < 100 ? 'met' : 'MISSED'}\n`);
}
