import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseKey } from './secrets/key-text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Setting<T> {
  /** The environment variable. */
  readonly name: string;
  /** The argument of the command line that means the same and goes before the variable. */
  readonly flag?: string;
  /** What a value looks like, for people. */
  readonly type: string;
  /** What the documentation says stands when nothing is set; null: nothing. */
  readonly defaultText: string | null;
  readonly sentence: string;
  readonly schema: z.ZodType<T>;
  fallback(env: Environment): T;
}

const text = z.string();

function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^\d+$/, message).transform(Number).pipe(z.number().min(min, message).max(max, message));
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return text.pipe(z.enum(values, `must be one of ${values.join(', ')}`));
}

const yesNo = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', '1', 'yes', 'false', '0', 'no'], 'must be true or false'))
  .transform((value) => ['true', '1', 'yes'].includes(value));

/** An origin as browsers send it: scheme, host and port, nothing behind. */
function originOf(value: string): string | null {
  if (!URL.canParse(value)) return null;
  const { protocol, origin, pathname, search, hash, username } = new URL(value);
  if (!['http:', 'https:'].includes(protocol) || pathname !== '/' || search || hash || username) return null;
  return origin;
}

const origin = text.transform((value, context) => {
  const found = originOf(value);
  if (found) return found;
  context.addIssue({ code: 'custom', message: 'must be like https://kosuke.example.com, with no path' });
  return z.NEVER;
});

const origins = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(z.array(origin));

const secretsKeys = text.transform((value, context) => {
  const keys = value.split(',').map((part) => parseKey(part.trim()));
  if (!keys.includes(null)) return keys as Buffer[];
  context.addIssue({ code: 'custom', message: 'must be keys of 32 bytes, in base64 or as 64 hexadecimal digits' });
  return z.NEVER;
});

const databaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/./, 'must be like postgres://user:password@host:5432/database')
  .optional();

const settings = {
  host: setting({
    name: 'HOST',
    type: 'address',
    schema: text,
    default: '127.0.0.1',
    sentence:
      'The address to listen on. The default is reached from this machine only; 0.0.0.0 is reached from everywhere.',
  }),
  port: setting({
    name: 'PORT',
    type: 'number',
    schema: whole(0, 65_535),
    default: 4000,
    sentence: 'The port to listen on, for the pages, the API and its subscriptions alike. 0 takes any free one.',
  }),
  publicUrl: setting({
    name: 'KOSUKE_PUBLIC_URL',
    type: 'URL',
    schema: origin.optional(),
    default: undefined,
    sentence:
      'Where people reach this server, when that is not its host and port: behind a proxy, say. Links name it, browsers may come from it, and with https the login cookie is sent over https only.',
  }),
  allowedOrigins: setting({
    name: 'KOSUKE_ALLOWED_ORIGINS',
    type: 'origins, separated by commas',
    schema: origins,
    default: [],
    defaultText: null,
    sentence: "Other origins whose pages may use the API from a browser, besides the server's own.",
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    type: 'PostgreSQL URL',
    schema: databaseUrl,
    default: undefined,
    sentence:
      'The PostgreSQL database to use. When it is not set, Kosuke starts a PostgreSQL of its own in the data folder.',
  }),
  dataDir: setting<string>({
    name: 'KOSUKE_DATA_DIR',
    type: 'folder',
    schema: text.transform((path) => resolve(path)),
    defaultText: '$XDG_DATA_HOME/kosuke, or ~/.local/share/kosuke',
    fallback: (env) => resolve(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share'), 'kosuke'),
    sentence: "Where repositories, workspaces, keys and Kosuke's own database are kept. The one folder to back up.",
  }),
  role: setting({
    name: 'KOSUKE_ROLE',
    flag: '--role',
    type: 'all, api or runner',
    schema: oneOf(['all', 'api', 'runner']),
    default: 'all',
    sentence: 'What this process does: answer people (api), hold workspaces and run agents (runner), or both.',
  }),
  runnerHost: setting({
    name: 'KOSUKE_RUNNER_HOST',
    type: 'address',
    schema: text,
    default: '127.0.0.1',
    sentence:
      'With role runner: the address on which it answers apis that run elsewhere, which reach it there. Keep it inside a private network.',
  }),
  runnerPort: setting({
    name: 'KOSUKE_RUNNER_PORT',
    type: 'number',
    schema: whole(0, 65_535),
    default: 0,
    sentence:
      'With role runner: the port on which it answers apis. 0 takes any free one; apis learn it from the database.',
  }),
  ownerToken: setting({
    name: 'KOSUKE_OWNER_TOKEN',
    type: 'secret',
    schema: z.string().min(16, 'must be at least 16 characters long').optional(),
    default: undefined,
    sentence:
      'When set, whoever sends it as a bearer token acts as the owner of this server, over http and in the connection parameters of graphql-ws. For scripts.',
  }),
  secretsKeys: setting({
    name: 'KOSUKE_SECRETS_KEYS',
    type: 'keys of 32 bytes in base64, separated by commas',
    schema: secretsKeys.optional(),
    default: undefined,
    sentence:
      'The keys that environment variables and files of projects are kept encrypted with (`openssl rand -base64 32` makes one). The first one seals, the others only open: to change the key, put a new one in front, restart, and take the old one away at a later start. When it is not set, the keys are the lines of secrets.key in the data folder, which is made at the first start and has to be backed up with it. Api and runner as separate processes need the same keys; a process with others does not start.',
  }),
  unsafeNoSandbox: setting({
    name: 'KOSUKE_UNSAFE_NO_SANDBOX',
    flag: '--unsafe-no-sandbox',
    type: 'true or false',
    schema: yesNo,
    default: false,
    sentence:
      'Run agents without a sandbox, with all the rights of this program. Only for machines that hold nothing else.',
  }),
  maxRunningTurns: setting({
    name: 'KOSUKE_MAX_RUNNING_TURNS',
    type: 'number',
    schema: whole(1, 1000),
    default: 8,
    sentence: 'How many turns of agents one runner carries out at the same time; others wait in the queue.',
  }),
  agentIdleSeconds: setting({
    name: 'KOSUKE_AGENT_IDLE_SECONDS',
    type: 'seconds',
    schema: whole(1, 86_400),
    default: 300,
    sentence: "How long a session's agent process is kept after its last turn, so that the next one starts at once.",
  }),
  allowPrivateAddresses: setting({
    name: 'KOSUKE_ALLOW_PRIVATE_ADDRESSES',
    type: 'true or false',
    schema: yesNo,
    default: false,
    sentence: 'Let projects be cloned from addresses inside private networks and from this machine.',
  }),
  setupCaches: setting({
    name: 'KOSUKE_SETUP_CACHES',
    type: 'number',
    schema: whole(0, 1000),
    default: 5,
    sentence:
      'How many sets of dependencies a project keeps, made by the setups of its workspaces, for the next workspaces with the same lock files; the one not used for longest goes first. 0 keeps none.',
  }),
  setupCacheMegabytes: setting({
    name: 'KOSUKE_SETUP_CACHE_MEGABYTES',
    type: 'MB',
    schema: whole(1, 10_000_000),
    default: 4096,
    sentence: 'How much disk space those sets may take together, for each project.',
  }),
  trashDays: setting({
    name: 'KOSUKE_TRASH_DAYS',
    type: 'days',
    schema: whole(0, 3650),
    default: 30,
    sentence: 'How long deleted sessions and projects can be restored before they are gone for good.',
  }),
  archiveHours: setting({
    name: 'KOSUKE_ARCHIVE_HOURS',
    type: 'hours',
    schema: whole(0, 8760),
    default: 0,
    sentence: "How long after archiving a session's directory is freed. 0 frees it at once.",
  }),
  archiveKeepMb: setting({
    name: 'KOSUKE_ARCHIVE_KEEP_MB',
    type: 'megabytes',
    schema: whole(0, 1_000_000),
    default: 200,
    sentence:
      'How much of what git does not hold (ignored files such as .env) is kept of a freed directory. With more than that, the directory stays and says why.',
  }),
  retentionDays: setting({
    name: 'KOSUKE_RETENTION_DAYS',
    type: 'days',
    schema: whole(0, 3650),
    default: 0,
    sentence:
      'After how many days without activity archived sessions go to the trash by themselves. 0 is never; a project may say otherwise.',
  }),
  idleDays: setting({
    name: 'KOSUKE_IDLE_DAYS',
    type: 'days',
    schema: whole(0, 3650),
    default: 0,
    sentence:
      'After how many days without activity the directory of a session is freed though it is not archived; the next message brings it back. 0 is never.',
  }),
  spareWorkspaces: setting({
    name: 'KOSUKE_SPARE_WORKSPACES',
    type: 'number',
    schema: whole(0, 20),
    default: 1,
    sentence:
      'How many workspaces are kept ready for each project in use, so that a new session of a large repository begins at once. 0 keeps none.',
  }),
  sparesMaxMb: setting({
    name: 'KOSUKE_SPARES_MAX_MB',
    type: 'megabytes',
    schema: whole(0, 100_000_000),
    default: 20_480,
    sentence:
      'How much disk all spare workspaces together may take. Those of the projects used longest ago are let go first.',
  }),
  sparesMinFreeMb: setting({
    name: 'KOSUKE_SPARES_MIN_FREE_MB',
    type: 'megabytes',
    schema: whole(0, 100_000_000),
    default: 5_120,
    sentence: 'How much of the disk must stay free for spare workspaces to be kept; with less they are let go.',
  }),
  spareIdleDays: setting({
    name: 'KOSUKE_SPARE_IDLE_DAYS',
    type: 'days',
    schema: whole(1, 3650),
    default: 3,
    sentence: 'A project that had no new session for so long keeps no spare workspace.',
  }),
  logLevel: setting({
    name: 'KOSUKE_LOG_LEVEL',
    type: 'silent, fatal, error, warn, info, debug or trace',
    schema: oneOf(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    default: 'info',
    sentence: 'How much is written to the log.',
  }),
};

type Settings = typeof settings;

/** What the person who starts the program decided. Paths are absolute, origins are as browsers send them. */
export type Config = { readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };

/** For the documentation: every setting, as it is declared. */
export const declaredSettings: readonly Omit<Setting<unknown>, 'schema' | 'fallback'>[] = Object.values(settings);

/** Everything that is wrong with the settings, in one message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Reads all settings. An empty variable counts as not set; `argv` is what follows the program's name.
 * @throws ConfigError naming every problem at once
 */
export function readConfig(env: Environment, argv: readonly string[]): Config {
  const problems: string[] = [];
  const flags = readFlags(argv, problems);
  const config: Record<string, unknown> = {};
  for (const [key, declared] of Object.entries<Setting<unknown>>(settings)) {
    const flagged = declared.flag === undefined ? undefined : flags.get(declared.flag);
    const value = flagged ?? (env[declared.name]?.trim() || undefined);
    if (value === undefined) {
      config[key] = declared.fallback(env);
      continue;
    }
    const parsed = declared.schema.safeParse(value);
    if (parsed.success) config[key] = parsed.data;
    else problems.push(`${flagged === undefined ? declared.name : declared.flag} ${parsed.error.issues[0]?.message}.`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config as Config;
}

function readFlags(argv: readonly string[], problems: string[]): Map<string, string> {
  const known = declaredSettings.flatMap(({ flag }) => flag ?? []);
  const found = new Map<string, string>();
  for (const argument of argv) {
    const [flag = '', ...value] = argument.split('=');
    if (known.includes(flag)) found.set(flag, value.length === 0 ? 'true' : value.join('='));
    else problems.push(`The argument ${argument} is not known; there are ${known.join(' and ')}.`);
  }
  return found;
}

type Declaration<T> = Pick<Setting<T>, 'name' | 'flag' | 'type' | 'sentence' | 'schema'> &
  ({ default: T; defaultText?: null } | Pick<Setting<T>, 'defaultText' | 'fallback'>);

function setting<T>(declared: Declaration<T>): Setting<T> {
  if ('fallback' in declared) return declared;
  const { default: value, defaultText, ...rest } = declared;
  const shown = defaultText === null || value === undefined ? null : String(value);
  return { ...rest, defaultText: shown, fallback: () => value };
}
