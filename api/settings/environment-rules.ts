import { InvalidInput } from '../graphql/user-error.ts';

export const VARIABLES_MAX = 200;
const NAME_MAX = 128;
const VALUE_MAX_BYTES = 32_768;
/** Beyond this the kernel would refuse to start programs. */
export const TOTAL_MAX_BYTES = 524_288;

/** Names that stay with Kosuke, and why. The first pattern that fits says it. */
const RESERVED: [RegExp, string][] = [
  [/^(PATH|HOME|LANG|TMPDIR)$/, 'the sandbox sets it itself'],
  [/^KOSUKE_/, 'names that begin with KOSUKE_ belong to Kosuke'],
  [/^(LD|DYLD)_/, 'it would load code into every program, the agent among them'],
  [/^(NODE_OPTIONS|NODE_PATH|PYTHONSTARTUP|PERL5OPT|RUBYOPT|JAVA_TOOL_OPTIONS)$/, 'it would load code into programs'],
  [/^(BASH_ENV|ENV|SHELLOPTS|BASHOPTS|IFS|PS4|PROMPT_COMMAND|BASH_FUNC_.*)$/, 'it would change what every shell does'],
  [/^GIT_/, "it would lead git to other repositories and programs than the workspace's own"],
];

export function checkName(name: string): InvalidInput | undefined {
  if (name.length > NAME_MAX) return new InvalidInput('name', `A name has at most ${NAME_MAX} characters.`);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return new InvalidInput('name', 'A name has letters, digits and underscores, and does not begin with a digit.');
  }
  const [, reason] = RESERVED.find(([pattern]) => pattern.test(name)) ?? [];
  return reason ? new InvalidInput('name', `${name} cannot be set here: ${reason}.`) : undefined;
}

export function checkValue(value: string): InvalidInput | undefined {
  if (value.includes('\0')) return new InvalidInput('value', 'A value cannot hold a NUL character.');
  if (!value.isWellFormed()) return new InvalidInput('value', 'A value has to be valid Unicode.');
  if (Buffer.byteLength(value) > VALUE_MAX_BYTES) {
    return new InvalidInput('value', 'A value has at most 32 kB. Put longer content into a file of the project.');
  }
  return undefined;
}
