/**
 * @module cli/manifest
 *
 * A parsed command as plain JSON and as a line that can be pasted into a shell. The manifest holds every option, defaults
 * included, so that a run can be repeated after a default has changed.
 */
import { FimError } from '../core/errors.js';
import { COMMANDS, type CommandSpec, isCommand } from './commands.js';
import type { SettingValue } from '../core/settings/setting.js';
import type { Row } from '../settings/row.js';
import { rowsOf, type SettingName, SETTINGS } from '../settings/table.js';
import { flagOf } from './flags.js';
import { parse, type ParsedCommand } from './parse.js';
import { quote } from '../core/shell.js';

/** What a run was asked, as JSON. Keys of `options` are flags without dashes; what was left open is absent. */
export interface CommandManifest {
  readonly command: string;
  readonly arguments: Readonly<Record<string, string | readonly string[]>>;
  readonly options: Readonly<Record<string, SettingValue>>;
}

/** What stands at a place: a word, none, or many. */
type Place = string | undefined | readonly string[];

const keyOf = (name: string): string => flagOf(name).slice(2);

export function toManifest(parsed: ParsedCommand): CommandManifest {
  const options: Record<string, SettingValue> = {};
  for (const [name, value] of Object.entries(parsed.options as Record<string, SettingValue | undefined>)) {
    if (value !== undefined) options[keyOf(name)] = value;
  }
  const places = Object.entries(parsed.positionals as Record<string, Place>);
  return {
    command: parsed.command,
    arguments: Object.fromEntries(
      places.filter((entry): entry is [string, string | readonly string[]] => entry[1] !== undefined),
    ),
    options,
  };
}

/**
 * The command that a manifest records, checked by the same parser as a command line.
 *
 * @throws FimError `usage/…` as `parse` does.
 * Throws `usage/command`.
 */
export function fromManifest(manifest: CommandManifest): ParsedCommand {
  const { command, options, arguments: places } = manifest as Partial<CommandManifest>;
  if (typeof command !== 'string' || !isCommand(command) || !isRecord(options) || !isRecord(places)) {
    throw new FimError({
      code: 'usage/command',
      kind: 'usage',
      where: 'manifest',
      rule: 'names a command of fim, with its arguments and options',
      got: String(JSON.stringify(command)),
    });
  }
  const spec: CommandSpec = COMMANDS[command];
  const words: string[] = command.split(' ');
  for (const [key, value] of Object.entries(manifest.options)) {
    if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'number')) {
      words.push(`--${key}=${value.join(',')}`);
    } else if (Array.isArray(value)) words.push(...value.map((one) => `--${key}=${one}`));
    else words.push(`--${key}=${String(value)}`);
  }
  words.push(
    '--',
    ...spec.positionals
      .flatMap((p) => manifest.arguments[p.name] as Place)
      .filter((word) => word !== undefined),
  );
  return parse(words) as ParsedCommand;
}

const isRecord = (x: unknown): boolean => typeof x === 'object' && x !== null && !Array.isArray(x);

/** `fim estimate model.onnx data.npz --likelihood categorical`: what was given, defaults left out. */
export function commandLine(parsed: ParsedCommand): string {
  const words = [
    'fim',
    ...parsed.command.split(' '),
    ...Object.values(parsed.positionals as Record<string, Place>).flat(),
  ];
  const options = parsed.options as Partial<Record<SettingName, SettingValue>>;
  for (const [name] of rowsOf(parsed.command)) {
    if (!parsed.given.has(name)) continue;
    const spec: Row = SETTINGS[name];
    const value = options[name];
    if (value === false || value === undefined) continue;
    words.push(flagOf(name));
    if (spec.kind === 'boolean') continue;
    if (Array.isArray(value)) words.push(value.join(','));
    else
      words.push(
        spec.kind === 'percent' ? `${Number(((value as number) * 100).toPrecision(15))}%` : String(value),
      );
  }
  return words
    .filter((word) => word !== undefined)
    .map(quote)
    .join(' ');
}
