import { installDependencies } from './dependencies.mjs';
import { demand, wish } from './native-packages.mjs';
import { SetupError } from './report.mjs';

const OLDEST_NODE = [20, 19];

/** Makes a fresh checkout ready to build: Node and git, packages of the system, packages of npm. Says only what it has to do. */
export async function setUp() {
  checkNode();
  await demand(['git'], 'sessions are git repositories');
  await installDependencies();
  if (process.platform === 'linux') {
    await wish(
      ['bubblewrap'],
      'agents run in its sandbox',
      'bubblewrap is missing: Kosuke works, but agents are refused until it is there.',
    );
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `Kosuke needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Get one from https://nodejs.org.`,
  );
}
