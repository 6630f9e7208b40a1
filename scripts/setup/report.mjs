/** Something the person who starts the program can put right. Shown without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

const isTerminal = Boolean(process.stdout.isTTY);
const PROGRESS_EVERY_MS = 15_000;

/** Says something in passing. */
export function say(text) {
  console.log(text);
}

/**
 * Runs one step and tells what it does, how far it is and how long it took. `work` gets a function to call with its
 * progress, e.g. `progress('40 of 390 files')`.
 */
export async function step(title, work) {
  const from = Date.now();
  let detail = '';
  let lastLine = from;

  const draw = () => {
    const seconds = Math.round((Date.now() - from) / 1000);
    process.stdout.write(`\r\x1b[K- ${title} ... ${detail ? `${detail}, ` : ''}${seconds} s`);
  };
  const progress = (text) => {
    detail = text;
    if (isTerminal || Date.now() - lastLine < PROGRESS_EVERY_MS) return;
    lastLine = Date.now();
    console.log(`  ... ${text} (${Math.round((lastLine - from) / 1000)} s)`);
  };
  const finish = (how) => {
    clearInterval(timer);
    console.log(`${isTerminal ? '\r\x1b[K' : ''}- ${title}: ${how}`);
  };

  if (!isTerminal) console.log(`- ${title} ...`);
  const timer = setInterval(isTerminal ? draw : () => progress(detail || 'still at it'), isTerminal ? 200 : 5_000);
  try {
    const result = await work(progress);
    finish(`done in ${((Date.now() - from) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    finish('failed');
    throw error;
  }
}

/** Runs a script's whole work; its result, when it is a number, is the exit code. What a person can put right is shown as that. */
export async function runScript(work) {
  // What is installed and built must be readable by the account the program runs under.
  process.umask(0o022);
  try {
    const code = await work();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode ||= 1;
  }
}
