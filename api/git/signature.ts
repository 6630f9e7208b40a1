import type { Signature as Person } from './git.ts';
import { nodegit, type Signature } from './nodegit.ts';

/** Who committed, whoever wrote. */
export const COMMITTER: Person = { name: 'Kosuke', email: 'kosuke@localhost' };

/** Who made a commit, now. Characters that git uses itself are taken out; nobody is left without a name. */
export function commitSignature(person: Person): Signature {
  const now = new Date();
  const seconds = Math.floor(now.getTime() / 1000);
  return nodegit.Signature.create(
    clean(person.name) || 'Unknown',
    clean(person.email) || 'unknown@localhost',
    seconds,
    -now.getTimezoneOffset(),
  );
}

function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line end here would forge a header of the commit
  return text.replace(/[<>\u0000-\u001f\u007f]/g, ' ').trim();
}
