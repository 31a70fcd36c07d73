/**
 * @module cli/markdown
 *
 * `docs/cli.md` from the tables. A test compares the committed page with this text, so the manual cannot fall behind.
 */
import { COMMAND_NAMES, COMMANDS, type CommandName, type CommandSpec, usageOf } from './commands.js';
import { entriesOf, type OptionEntry } from './help.js';
import { escapeCell } from './markdown-cell.js';
import { setSection } from './markdown-set.js';

const INTRODUCTION = `# Command line

<!-- Written by \`npm run docs\` from the settings table in src/settings. Edit that, not this. -->

Data go to standard output, words to standard error. On a terminal a long job shows one live line with its current
estimate, error and time left; elsewhere it writes a line at every tenth part. Ctrl-C or SIGTERM
once ends with what is known so far, twice at once. What has not ended 1.3 s later, however busy, is ended with the last that was known, and the line
that goes on where there is one; a result that is being written has ten seconds. \`NO_COLOR\` turns colour off, \`FIM_DEBUG=1\` adds a stack to every error.
\`FIM_KERNELS=simd128\` keeps fim’s own engine from relaxed SIMD, which rounds otherwise where the host has it.

| Exit code | Meaning |
| --------- | ------- |
| 0 | done |
| 1 | the answer is no, or a failure inside fim |
| 2 | usage: unknown command or flag, value out of range |
| 3 | bad input: a file, a network or data that cannot be used |
| 130 | interrupted; 143 where SIGTERM ended work that did not stop by itself, or the signal itself where native code was at work |
`;

function optionRow(entry: OptionEntry): string {
  const value = entry.metavar === '' ? '' : ` ${entry.metavar}`;
  const names = [`\`${entry.flag}${value}\``, ...entry.others.map((name) => `\`${name}\``)].join(', ');
  const notes = entry.notes.length > 0 ? ` *(${entry.notes.join('; ')})*` : '';
  const long = entry.long === undefined ? '' : `<br>${entry.long}`;
  return `| ${escapeCell(names)} | ${escapeCell(`${entry.help}${notes}${long}`)} |`;
}

function commandSection(command: CommandName): string {
  const spec: CommandSpec = COMMANDS[command];
  const parts = [`## fim ${command}`, '', `\`${usageOf(command)}\``, ''];
  for (const paragraph of spec.description) parts.push(paragraph, '');
  if (spec.positionals.length > 0) {
    for (const p of spec.positionals)
      parts.push(`- \`${p.name.toUpperCase()}\`: ${p.help}${p.optional ? ' (optional)' : ''}`);
    parts.push('');
  }
  parts.push('```sh');
  for (const example of spec.examples) parts.push(`# ${example.says}`, example.line);
  parts.push('```', '');
  for (const { title, entries } of entriesOf(command)) {
    parts.push(
      `### ${title}`,
      '',
      '| Option | Meaning |',
      '| ------ | ------- |',
      ...entries.map(optionRow),
      '',
    );
  }
  return parts.join('\n');
}

/** The whole page, ending in a newline. */
export function manualPage(): string {
  return [INTRODUCTION, ...COMMAND_NAMES.map(commandSection), setSection()].join('\n').trimEnd() + '\n';
}
