import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { programPath } from '../program-path.ts';
import type { GitProgress } from './git.ts';
import { GitError } from './git-error.ts';
import type { GitReply, GitRequest } from './git-operations.ts';

/** Where systems keep the certificates they trust; libgit2 has no list of its own. */
const CERTIFICATE_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
  '/opt/homebrew/etc/openssl@3/cert.pem',
];

const DIAGNOSTICS_LENGTH = 2000;

/** One child process that does one git operation at a time. */
export class GitProcess {
  private readonly child: ChildProcess;
  private readonly exit: Promise<void>;
  private diagnostics = '';
  private isGone = false;

  constructor({ caFile, niceness = 0 }: { caFile?: string | undefined; niceness?: number | undefined }) {
    this.child = fork(programPath(import.meta.url, './git-worker.js'), {
      execArgv: [],
      // Nothing is inherited: no settings of a person, no proxies, no tokens. The home is a folder that is never there.
      env: environment(caFile ?? CERTIFICATE_FILES.find((path) => existsSync(path))),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    if (niceness > 0 && this.child.pid !== undefined) giveWay(this.child.pid, niceness);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.diagnostics = (this.diagnostics + text).slice(-DIAGNOSTICS_LENGTH);
    });
    this.exit = new Promise((resolve) => {
      const gone = () => {
        this.isGone = true;
        resolve();
      };
      this.child.once('exit', gone);
      this.child.once('error', () => {
        if (this.child.pid === undefined) gone();
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it can take an operation; false for good once the process is gone. */
  get isAlive(): boolean {
    return !this.isGone && this.child.connected;
  }

  /** Called once when the process is gone, expected or not. */
  whenGone(callback: () => void): void {
    void this.exit.then(callback);
  }

  /** Does one operation; fails with 'crashed' when the process dies meanwhile. */
  run(request: GitRequest, onProgress?: (progress: GitProgress) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.child.off('message', onMessage);
        act();
      };
      const onMessage = (reply: GitReply) => {
        switch (reply.kind) {
          case 'progress':
            onProgress?.(reply.progress);
            return;
          case 'done':
            return settle(() => resolve(reply.result));
          case 'failed': {
            const cause = reply.detail ? new Error(reply.detail) : undefined;
            return settle(() => reject(new GitError(reply.code, reply.message, { cause })));
          }
        }
      };
      const crashed = () =>
        new GitError(
          'crashed',
          'The git process ended in the middle of its work. Nothing else is affected; try again.',
          {
            cause: new Error(this.diagnostics || 'no output'),
          },
        );
      this.child.on('message', onMessage);
      this.whenGone(() => settle(() => reject(crashed())));
      this.child.send(request, (error) => {
        if (error) settle(() => reject(crashed()));
      });
    });
  }

  /** Ends the process at once, in the middle of whatever it does; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.isGone) this.child.kill('SIGKILL');
    await this.exit;
  }
}

/** The threads of a process take over what its first one has when they begin, so this comes before they do. */
function giveWay(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // It has ended already, which its caller hears of.
  }
}

function environment(caFile: string | undefined): Record<string, string> {
  return {
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    PATH: '/usr/bin:/bin',
    // OpenSSL reads the first, Node the second.
    ...(caFile ? { SSL_CERT_FILE: caFile, NODE_EXTRA_CA_CERTS: caFile } : {}),
  };
}
