import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../test/die-at-every-step.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

interface Case {
  name: string;
  /** The changes to the disk that a life without an end made. */
  steps: string[];
  problems: string[];
}

it('whatever step the program is killed at, the next start has the workspace, and nothing is left over', async () => {
  const root = await mkdtemp(join(tmpdir(), 'kosuke-test-steps-'));
  const env = { PATH: process.env.PATH, TMPDIR: root, TSX_TSCONFIG_PATH: 'api/tsconfig.json' };
  try {
    const { stdout } = await run(process.execPath, ['--import', tsx, program, join(root, 'data')], { env });
    const cases = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Case);
    expect(cases.map(({ problems }) => problems)).toEqual([[], [], []]);
    const [scratch, spare, older] = cases;
    expect(scratch?.steps).toEqual(
      expect.arrayContaining(['mkdir', 'init', 'linkSync', 'writeFileSync', 'head', 'renameSync']),
    );
    // Claimed by the first rename, in its place by the last.
    expect(spare?.steps.filter((step) => /^rename/.test(step)).length).toBeGreaterThanOrEqual(3);
    expect(older?.steps).toContain('tree');
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}, 600_000);
