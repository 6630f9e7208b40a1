import type { Signature as Person } from './git.ts';
import { nodegit, type Signature } from './nodegit.ts';

/** Who committed, whoever wrote. */
export const COMMITTER: Person = { name: 'Kosuke', email: 'kosuke@localhost' };

/** Who made a commit, and when. Characters that git uses itself are taken out; nobody is left without a name. */
export function commitSignature(person: Person, at = new Date()): Signature {
  const seconds = Math.floor(at.getTime() / 1000);
  return nodegit.Signature.create(
    clean(person.name) || 'Unknown',
    clean(person.email) || 'unknown@localhost',
    seconds,
    -at.getTimezoneOffset(),
  );
}

function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line end here would forge a header of the commit
  return text.replace(/[<>\u0000-\u001f\u007f]/g, ' ').trim();
}
