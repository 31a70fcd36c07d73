/**
 * @module cli/help
 *
 * Help on a command as text, from the tables: `fim COMMAND --help` (one line an option) and `fim help COMMAND` (with their
 * further sentences).
 */
import { COMMANDS, type CommandName, type CommandSpec, usageOf } from './commands.js';
import { defaultTextOf, MANY, metavarOf, rangeOf } from '../core/settings/words.js';
import { type Group, GROUPS, type Row, wordingOf } from '../settings/row.js';
import { rowsOf } from '../settings/table.js';
import { flagOf } from './flags.js';
import { helpInFlags } from './mentions.js';
import { hanging, type Screen } from './overview.js';
import { pad, type Style, styleOf, wrap } from './terminal/style.js';

/** One option as help and the manual say it. */
export interface OptionEntry {
  readonly flag: string;
  /** `-o`, and other names. */
  readonly others: readonly string[];
  readonly metavar: string;
  readonly help: string;
  readonly long: string | undefined;
  /** Unit, range, default, companions, each a phrase. */
  readonly notes: readonly string[];
}

/** The options of a command, in groups, in the table's order. */
export function entriesOf(command: CommandName): { title: string; entries: OptionEntry[] }[] {
  const groups = new Map<Group, OptionEntry[]>();
  for (const [name, row] of rowsOf(command)) {
    const entries = groups.get(row.group) ?? [];
    entries.push(entryOf(name, wordingOf(row, command)));
    groups.set(row.group, entries);
  }
  return (Object.keys(GROUPS) as Group[])
    .filter((group) => groups.has(group))
    .map((group) => ({ title: GROUPS[group], entries: groups.get(group) ?? [] }));
}

function entryOf(name: string, spec: Row): OptionEntry {
  const others = [
    ...(spec.short === undefined ? [] : [`-${spec.short}`]),
    ...(spec.aliases ?? []).map((alias) => `--${alias}`),
  ];
  const fallback = defaultTextOf(spec);
  const aliases = spec.kind === 'choice' ? Object.entries(spec.choiceAliases ?? {}) : [];
  const companion =
    spec.onlyWith && `with ${flagOf(spec.onlyWith.setting)} ${spec.onlyWith.values.join(' or ')}`;
  const choices =
    spec.kind === 'choice' && spec.choices.length > MANY ? `one of ${spec.choices.join(', ')}` : undefined;
  const notes = [
    choices,
    spec.unit,
    rangeOf(spec),
    ...aliases.map(([alias, value]) => `${alias} means ${value}`),
    companion,
    fallback === undefined ? undefined : `default: ${fallback}`,
    spec.kind === 'list' || spec.kind === 'integers' ? 'may be repeated' : undefined,
  ].filter((note) => note !== undefined);
  return {
    flag: flagOf(name),
    others,
    metavar: metavarOf(spec),
    help: helpInFlags(spec.help, spec),
    long: spec.long === undefined ? undefined : helpInFlags(spec.long, spec),
    notes,
  };
}

/** `fim COMMAND --help`, and with `full` `fim help COMMAND`. */
export function commandHelp(command: CommandName, screen: Screen, full = false): string {
  const style = styleOf(screen);
  const spec: CommandSpec = COMMANDS[command];
  const columns = Math.max(40, Math.min(screen.columns, 100));
  const lines: string[] = [`fim ${command}: ${wrap(spec.summary, columns - command.length - 6)}`, ''];
  lines.push(`${style.bold('Usage')}  ${usageOf(command)}`, '');
  for (const paragraph of spec.description) lines.push(wrap(paragraph, columns), '');
  // Before the options, which are many.
  lines.push(style.bold('Examples'));
  // A line to be pasted is never broken.
  for (const example of spec.examples) lines.push(`  ${style.dim(`# ${example.says}`)}`, `  ${example.line}`);
  lines.push('');
  if (spec.positionals.length > 0) {
    const width = Math.max(...spec.positionals.map((p) => p.name.length));
    lines.push(style.bold('Arguments'));
    for (const p of spec.positionals)
      lines.push(`  ${style.bold(pad(p.name.toUpperCase(), width))}  ${hanging(p.help, width + 4, columns)}`);
    lines.push('');
  }
  for (const { title, entries } of entriesOf(command)) {
    lines.push(style.bold(title));
    for (const entry of entries) lines.push(...optionLines(entry, columns, style, full));
    lines.push('');
  }
  if (!full) lines.push(`fim help ${command} explains every option at length.`);
  return lines.join('\n').trimEnd();
}

function optionLines(entry: OptionEntry, columns: number, style: Style, full: boolean): string[] {
  const names = [entry.flag, ...entry.others].map((name) => style.bold(name)).join(', ');
  const indent = '      ';
  const notes = entry.notes.length > 0 ? ` (${entry.notes.join('; ')})` : '';
  const lines = [`  ${names}${entry.metavar === '' ? '' : ` ${entry.metavar}`}`];
  lines.push(indent + wrap(`${entry.help}${notes}`, columns - indent.length, indent));
  if (full && entry.long !== undefined)
    lines.push(indent + wrap(entry.long, columns - indent.length, indent));
  return lines;
}
