import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { sep } from 'node:path';

/**
 * Ends the processes that still work inside a folder that was made for the tests, then removes it. A test run that was
 * cut off leaves its database server behind, which belongs to no process group of ours.
 */
export async function removeWithProcesses(folder) {
  for (const pid of processesIn(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  } catch (error) {
    console.warn(`! ${folder} could not be removed: ${error.message}`);
  }
}

function processesIn(folder) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      // One that has ended already cannot be ended again; and only what runs in our own folder is ours.
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      return (
        (cwd === folder || cwd.startsWith(folder + sep)) &&
        !/^State:\s+Z/m.test(readFileSync(`/proc/${name}/status`, 'utf8'))
      );
    } catch {
      return false;
    }
  });
}
