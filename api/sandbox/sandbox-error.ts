/** No agent can be run on this machine as it is; `message` says why and what to install or enable. */
export class SandboxUnavailable extends Error {
  override name = 'SandboxUnavailable';
}

/** This program is not started with these directories; `message` says which and why. */
export class SandboxRefused extends Error {
  override name = 'SandboxRefused';
}
