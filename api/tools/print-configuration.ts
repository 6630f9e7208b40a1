import { writeFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { declaredSettings } from '../config.ts';

/** docs/configuration.md, whole. */
export function printConfiguration(): string {
  const sections = declaredSettings.map(({ name, flag, type, defaultText, sentence }) =>
    [
      `## ${name}`,
      sentence,
      [
        `- Value: ${type}`,
        `- Default: ${defaultText === null ? 'not set' : `\`${defaultText}\``}`,
        ...(flag ? [`- On the command line: \`${flag}${type === 'true or false' ? '' : '=…'}\``] : []),
      ].join('\n'),
    ].join('\n\n'),
  );
  return `${[
    '<!-- Printed from api/config.ts by api/tools/print-configuration.ts. -->',
    '# Configuration',
    'Kosuke is set by environment variables, read once at the start. None has to be set. A value that cannot be used stops the start, with a message that names every problem.',
    ...sections,
  ].join('\n\n')}\n`;
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const path = argv[2];
  if (!path) throw new Error('Say where to write: node print-configuration.js docs/configuration.md');
  await writeFile(path, printConfiguration());
}
