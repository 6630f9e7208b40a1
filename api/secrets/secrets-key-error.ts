/** The key for what is kept encrypted is missing or is another one; `message` says what to do. */
export class SecretsKeyError extends Error {
  override readonly name = 'SecretsKeyError';
}
