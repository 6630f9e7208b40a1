const MASK = '***';
/** Shorter values stand in too much ordinary text to be replaced. */
const MIN_LENGTH = 8;

/** Replaces the values of secrets in what is recorded. */
export class SecretMask {
  private readonly secrets: string[];
  private readonly pattern: RegExp | null;

  constructor(secrets: readonly string[]) {
    // The longest first: one may begin with another.
    this.secrets = [...new Set(secrets.filter(({ length }) => length >= MIN_LENGTH))].sort(
      (one, other) => other.length - one.length,
    );
    const alternatives = this.secrets.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    this.pattern = alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'g') : null;
  }

  /** A text that is whole. */
  whole(text: string): string {
    return this.pattern ? text.replace(this.pattern, MASK) : text;
  }

  /** A text that comes in pieces. */
  stream(): MaskedStream {
    let held = '';
    return {
      push: (text) => {
        if (!this.pattern) return text;
        const all = held + text;
        let shown = '';
        let at = 0;
        let hold = this.unfinishedFrom(all, 0);
        for (const match of all.matchAll(this.pattern)) {
          if (match.index >= hold) break;
          shown += all.slice(at, match.index) + MASK;
          at = match.index + match[0].length;
          if (at > hold) hold = this.unfinishedFrom(all, at);
        }
        held = all.slice(hold);
        return shown + all.slice(at, hold);
      },
      end: () => {
        const rest = this.whole(held);
        held = '';
        return rest;
      },
    };
  }

  /** Where the end of a text may be the beginning of a secret. */
  private unfinishedFrom(text: string, from: number): number {
    const longest = this.secrets[0]?.length ?? 0;
    for (let at = Math.max(from, text.length - longest + 1); at < text.length; at += 1) {
      const rest = text.slice(at);
      if (this.secrets.some((secret) => secret.length > rest.length && secret.startsWith(rest))) return at;
    }
    return text.length;
  }
}

export interface MaskedStream {
  /** What can be shown by now: an end that may be the beginning of a secret is held back. */
  push(text: string): string;
  /** What was held back. */
  end(): string;
}

export const NO_MASK = new SecretMask([]);
