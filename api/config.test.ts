import { readFile } from 'node:fs/promises';
import { ConfigError, declaredSettings, readConfig } from './config.ts';
import { printConfiguration } from './tools/print-configuration.ts';

function problemsOf(env: Record<string, string>, argv: string[] = []): readonly string[] {
  try {
    readConfig(env, argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the settings', () => {
  it('need nothing to be set', () => {
    expect(readConfig({ HOME: '/home/ada' }, [])).toEqual({
      host: '127.0.0.1',
      port: 4000,
      publicUrl: undefined,
      allowedOrigins: [],
      databaseUrl: undefined,
      dataDir: '/home/ada/.local/share/kosuke',
      role: 'all',
      runnerHost: '127.0.0.1',
      runnerPort: 0,
      ownerToken: undefined,
      unsafeNoSandbox: false,
      maxRunningTurns: 8,
      agentIdleSeconds: 300,
      allowPrivateAddresses: false,
      setupCaches: 5,
      setupCacheMegabytes: 4096,
      trashDays: 30,
      spareWorkspaces: 1,
      sparesMaxMb: 20_480,
      sparesMinFreeMb: 5_120,
      spareIdleDays: 3,
      archiveHours: 0,
      archiveKeepMb: 200,
      retentionDays: 0,
      idleDays: 0,
      logLevel: 'info',
    });
  });

  it('take an empty variable for one that is not set', () => {
    expect(readConfig({ HOME: '/h', PORT: '', DATABASE_URL: ' ', XDG_DATA_HOME: '' }, [])).toEqual(
      readConfig({ HOME: '/h' }, []),
    );
  });

  it('keep the data where the desktop says', () => {
    expect(readConfig({ XDG_DATA_HOME: '/data', HOME: '/h' }, []).dataDir).toBe('/data/kosuke');
  });

  it('read every variable', () => {
    const config = readConfig(
      {
        HOST: '0.0.0.0',
        PORT: '8080',
        DATABASE_URL: 'postgres://kosuke:secret@db:5432/kosuke',
        KOSUKE_DATA_DIR: '/srv/kosuke/',
        KOSUKE_OWNER_TOKEN: 'a-token-long-enough',
        KOSUKE_ROLE: 'api',
        KOSUKE_UNSAFE_NO_SANDBOX: 'true',
        KOSUKE_PUBLIC_URL: 'https://Kosuke.example.com/',
        KOSUKE_ALLOWED_ORIGINS: 'https://a.example.com, http://localhost:5173',
      },
      [],
    );
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
      databaseUrl: 'postgres://kosuke:secret@db:5432/kosuke',
      dataDir: '/srv/kosuke',
      ownerToken: 'a-token-long-enough',
      role: 'api',
      unsafeNoSandbox: true,
      publicUrl: 'https://kosuke.example.com',
      allowedOrigins: ['https://a.example.com', 'http://localhost:5173'],
    });
  });

  it('let arguments go before variables', () => {
    const config = readConfig({ KOSUKE_ROLE: 'api' }, ['--role=runner', '--unsafe-no-sandbox']);
    expect(config).toMatchObject({ role: 'runner', unsafeNoSandbox: true });
  });

  it('name all problems at once, each in words that help', () => {
    const problems = problemsOf(
      {
        PORT: '70000',
        DATABASE_URL: 'mysql://db',
        KOSUKE_OWNER_TOKEN: 'short',
        KOSUKE_PUBLIC_URL: 'kosuke.example.com/app',
        KOSUKE_UNSAFE_NO_SANDBOX: 'perhaps',
        KOSUKE_MAX_RUNNING_TURNS: 'many',
      },
      ['--role=boss', '--fast'],
    );
    expect(problems).toEqual([
      'The argument --fast is not known; there are --role and --unsafe-no-sandbox.',
      'PORT must be a whole number from 0 to 65535.',
      'KOSUKE_PUBLIC_URL must be like https://kosuke.example.com, with no path.',
      'DATABASE_URL must be like postgres://user:password@host:5432/database.',
      '--role must be one of all, api, runner.',
      'KOSUKE_OWNER_TOKEN must be at least 16 characters long.',
      'KOSUKE_UNSAFE_NO_SANDBOX must be true or false.',
      'KOSUKE_MAX_RUNNING_TURNS must be a whole number from 1 to 1000.',
    ]);
  });

  it('never repeat a secret in a problem', () => {
    const message = new ConfigError(problemsOf({ KOSUKE_OWNER_TOKEN: 'hush', DATABASE_URL: 'pg://u:hush@h' })).message;
    expect(message).not.toContain('hush');
  });

  it('are each explained in docs/configuration.md, which is as printed', async () => {
    expect(declaredSettings.every(({ sentence }) => sentence.endsWith('.'))).toBe(true);
    await expect(readFile('docs/configuration.md', 'utf8')).resolves.toBe(printConfiguration());
  });
});
