import { createBubblewrap } from './bubblewrap.ts';
import { createNoSandbox } from './no-sandbox.ts';
import type { SandboxEngine } from './sandbox.ts';
import { SandboxUnavailable } from './sandbox-error.ts';

/** The engine for this machine. Never throws: one that cannot run anything says so in check() and throws in spawn(). */
export async function chooseSandbox(settings: { unsafeNoSandbox: boolean }): Promise<SandboxEngine> {
  if (settings.unsafeNoSandbox) return createNoSandbox();
  if (process.platform !== 'linux') {
    return unavailable(
      'Agents are not run without a sandbox, and on this system there is none yet: run the server on Linux, or start it with --unsafe-no-sandbox on a machine that holds nothing else.',
    );
  }
  const engine = createBubblewrap();
  const check = await engine.check();
  return check.available ? engine : unavailable(check.message);
}

function unavailable(message: string): SandboxEngine {
  return {
    name: 'unavailable',
    check: async () => ({ available: false, message }),
    spawn: async () => {
      throw new SandboxUnavailable(message);
    },
  };
}
