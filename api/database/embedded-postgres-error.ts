/** Why the embedded PostgreSQL could not be had; each is for the person who starts the program to put right. */
export type EmbeddedPostgresErrorCode =
  | 'unsupported_platform'
  | 'binaries_missing'
  | 'runs_as_root'
  | 'no_account'
  | 'not_writable'
  | 'other_major'
  | 'incomplete_data'
  | 'init_failed'
  | 'start_failed';

export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
