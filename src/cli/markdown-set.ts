/**
 * @module cli/markdown-set
 *
 * The part of the manual on what `--set NAME=VALUE` takes: the settings of a training run and the options of every algorithm, from the
 * settings table.
 */
import type { NamedSetting } from '../core/settings/setting.js';
import { defaultTextOf, ruleOf } from '../core/settings/words.js';
import { settings } from '../settings/settings.js';
import { escapeCell } from './markdown-cell.js';

const HEAD = `## --set

\`--set NAME=VALUE\` of \`fim rl train\` and \`fim rl compare\`, and \`set\` in a SPEC file. Presets say what is not said here; an option that a
preset leaves out has its default.
`;

/** Settings of a run that `--set` does not take: they have flags of their own. */
const FLAGS: readonly string[] = ['steps', 'trackFisher'];

function table(
  rows: readonly NamedSetting[],
  last: readonly [title: string, of: (row: NamedSetting) => string][],
) {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  const titles = ['Name', 'Meaning', 'Values', ...last.map(([title]) => title)];
  return [
    line(titles),
    line(titles.map((title) => '-'.repeat(title.length))),
    ...rows.map((row) => line([`\`${row.name}\``, row.help, ruleOf(row), ...last.map(([, of]) => of(row))])),
    '',
  ].join('\n');
}

/** The section, ending in a newline. */
export function setSection(): string {
  const run = settings.training.filter(({ name }) => !FLAGS.includes(name));
  const own = Object.entries(settings.algorithms).map(([algorithm, rows]) => [
    `### Options of ${algorithm}\n`,
    table(rows, [
      ['Default', (row) => defaultTextOf(row) ?? ''],
      ['Source of the default', (row) => row.source ?? ''],
    ]),
  ]);
  return [HEAD, '### Settings of a run\n', table(run, []), ...own.flat()].join('\n');
}
