import { type Project, ProjectSourceKind } from '../projects/project.entity.ts';

export type SubmoduleAddress = { ok: true; url: string } | { ok: false; message: string };

/**
 * Where a submodule is fetched from, by what .gitmodules says. Only what can be told from the text; the rest of the rules
 * for clones holds too, and is checked right before one is made.
 */
export function submoduleUrl(
  written: string | null,
  { sourceKind, source }: Pick<Project, 'sourceKind' | 'source'>,
): SubmoduleAddress {
  if (!written) return refuse('.gitmodules does not say where this submodule is.');
  if (written.startsWith('./') || written.startsWith('../')) {
    if (sourceKind !== ProjectSourceKind.GIT_URL || !source) {
      return refuse(
        'This submodule is said to be beside the repository, which here would be a folder of the server. Add the project by its https address to check it out.',
      );
    }
    const base = new URL(`${source.replace(/\/+$/, '')}/`);
    const url = URL.canParse(written, base.href) ? new URL(written, base) : null;
    return url?.origin === base.origin ? { ok: true, url: url.href } : refuse('This address leads to another host.');
  }
  if (!/^https?:\/\//i.test(written)) {
    return refuse(
      'Only submodules with an https address are checked out: others would run programs or read other folders.',
    );
  }
  return { ok: true, url: written };
}

function refuse(message: string): SubmoduleAddress {
  return { ok: false, message };
}
