/**
 * @module cli/parse
 *
 * A command line against the tables: nothing is ignored, nothing is guessed. `--flag value`, `--flag=value`, `-f value`;
 * `--` ends the options. An unknown command or flag is refused with the one that was probably meant. The result can be
 * written as JSON and read back (`toManifest`, `fromManifest`), which is how a run records what it was asked.
 */
import { FimError } from '../core/errors.js';
import {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  type CommandSpec,
  isCommand,
  type PositionalsOf,
  usageOf,
} from './commands.js';
import type { SettingValue } from '../core/settings/setting.js';
import { metavarOf } from '../core/settings/words.js';
import { type Row, wordingOf } from '../settings/row.js';
import { type AnySettings, rowsOf, type SettingName, SETTINGS, type SettingsOf } from '../settings/table.js';
import { flagOf } from './flags.js';
import { meantBy } from '../core/settings/read.js';
import { placeOf, readValue } from './values.js';

/** A command with everything it was given. */
export interface ParsedCommand<C extends CommandName = CommandName> {
  readonly kind: 'command';
  readonly command: C;
  readonly positionals: PositionalsOf<C>;
  /** Defaults filled in. */
  readonly options: SettingsOf<C>;
  /** Keys that stood on the command line, as opposed to defaults. */
  readonly given: ReadonlySet<SettingName>;
}

/** What the words ask for. */
export type Parsed =
  | ParsedCommand
  | { readonly kind: 'help'; readonly command: CommandName | undefined }
  | { readonly kind: 'version' };

interface Found {
  name: SettingName;
  spec: Row;
}

function usageError(
  code: string,
  where: string,
  rule: string,
  got: string | undefined,
  next: string,
): FimError {
  return new FimError({
    code: `usage/${code}`,
    kind: 'usage',
    where,
    rule,
    ...(got !== undefined && { got }),
    next,
  });
}

function findOption(command: CommandName, word: string): Found | undefined {
  for (const [name, spec] of rowsOf(command)) {
    const long = [flagOf(name), ...(spec.aliases ?? []).map((alias) => `--${alias}`)];
    if (long.includes(word) || (spec.short !== undefined && word === `-${spec.short}`)) {
      return { name, spec: wordingOf(spec, command) };
    }
  }
  return undefined;
}

function unknownOption(command: CommandName, word: string): FimError {
  const own = rowsOf(command).flatMap(([name, spec]) => [
    flagOf(name),
    ...(spec.aliases ?? []).map((a) => `--${a}`),
  ]);
  const near = meantBy(word, [...own, '--help', '--version']);
  const elsewhere = (Object.keys(SETTINGS) as SettingName[]).find((name) => flagOf(name) === word);
  if (near === undefined && elsewhere !== undefined) {
    const takers = SETTINGS[elsewhere].commands.map((name) => `fim ${name}`).join(', ');
    return usageError(
      'option',
      `fim ${command}`,
      `has no ${word}; it belongs to ${takers}`,
      undefined,
      `fim ${command} --help`,
    );
  }
  const next = near === undefined ? `fim ${command} --help` : `did you mean ${near}?`;
  return usageError('option', `fim ${command}`, `has no option ${word}`, undefined, next);
}

/** Splits `--flag=value`. */
function splitFlag(word: string): [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

const isFlag = (word: string): boolean => /^--?[^\d.-]/.test(word) || /^--[^-]/.test(word);

/**
 * Reads the words after `fim`.
 *
 * @throws FimError `usage/…` for an unknown command or flag, a bad or missing value, a flag given twice, too few or too
 * many arguments.
 * Throws `usage/command` and `usage/option`.
 */
export function parse(words: readonly string[]): Parsed {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h')
    return { kind: 'help', command: undefined };
  if (first === '--version' || first === '-V') return { kind: 'version' };
  if (first === 'help') return parseHelp(rest);
  const [command, after] = leadingCommand(words);
  if (!isCommand(command)) {
    if (isFlag(command))
      throw usageError('option', 'fim', `expects a command before ${first}`, undefined, 'fim --help');
    throw unknownCommand(command);
  }
  return parseCommand(command, after);
}

/** The command that the words begin with, of one word or of two (`rl train`), and what stands after it. */
export function leadingCommand(words: readonly string[]): [string, readonly string[]] {
  const [first = '', second, ...rest] = words;
  const family = COMMAND_NAMES.some((name) => name.startsWith(`${first} `));
  if (!family) return [first, words.slice(1)];
  if (second === undefined || isFlag(second)) return [first, words.slice(1)];
  return [`${first} ${second}`, rest];
}

function unknownCommand(word: string): FimError {
  const members = COMMAND_NAMES.filter((name) => name.startsWith(`${word} `));
  if (members.length > 0) {
    const list = members.map((name) => `fim ${name}`).join(', ');
    return usageError('command', `fim ${word}`, `is one of ${list}`, undefined, `fim help ${members[0]}`);
  }
  const near = meantBy(word, [...COMMAND_NAMES, 'help']);
  return usageError(
    'command',
    'fim',
    `has no command ${word}`,
    undefined,
    near ? `did you mean fim ${near}?` : 'fim --help',
  );
}

function parseHelp(words: readonly string[]): Parsed {
  if (words.length === 0) return { kind: 'help', command: undefined };
  const [command, more] = leadingCommand(words);
  if (!isCommand(command)) throw unknownCommand(command);
  if (more.length > 0)
    throw usageError('arguments', 'fim help', 'takes one command', more.join(' '), `fim help ${command}`);
  return { kind: 'help', command };
}

function parseCommand(command: CommandName, words: readonly string[]): Parsed {
  const values = new Map<SettingName, SettingValue>();
  const places: string[] = [];
  let optionsEnded = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (optionsEnded || !isFlag(word)) {
      if (word === '--') optionsEnded = true;
      else places.push(word);
      continue;
    }
    if (word === '--help' || word === '-h') return { kind: 'help', command };
    if (word === '--version' || word === '-V') return { kind: 'version' };
    const [flag, attached] = splitFlag(word);
    const found = findOption(command, flag);
    if (found === undefined) throw unknownOption(command, flag);
    const { name, spec } = found;
    let text = attached;
    if (text === undefined && spec.kind === 'boolean') text = 'true';
    if (text === undefined) {
      const following = words[i + 1];
      if (following === undefined || isFlag(following)) {
        throw usageError(
          'value',
          `fim ${command} ${flag}`,
          `needs a value: ${flag} ${metavarOf(spec)}`,
          'nothing',
          `fim ${command} --help`,
        );
      }
      text = following;
      i++;
    }
    add(values, name, spec, readValue(spec, text, placeOf(command, name)), command);
  }
  const given = new Set(values.keys());
  const options = fill(command, values);
  checkCompanions(command, options, given);
  return { kind: 'command', command, positionals: place(command, places), options: options as never, given };
}

function add(
  values: Map<SettingName, SettingValue>,
  name: SettingName,
  spec: Row,
  value: SettingValue,
  command: string,
): void {
  const before = values.get(name);
  if (before === undefined) values.set(name, value);
  else if (Array.isArray(before) && Array.isArray(value) && spec.kind !== 'numbers')
    values.set(name, [...(before as never[]), ...(value as never[])]);
  else if (spec.kind !== 'boolean') {
    throw usageError(
      'twice',
      `fim ${command} ${flagOf(name)}`,
      'may be given once',
      `${shown(before)}, then ${shown(value)}`,
      `fim ${command} --help`,
    );
  }
}

const shown = (value: SettingValue): string => (Array.isArray(value) ? value.join(',') : String(value));

/** Every row of the command has a key: its value, its default, false, an empty list, or undefined. */
function fill(command: CommandName, values: ReadonlyMap<SettingName, SettingValue>): AnySettings {
  const options: Partial<Record<SettingName, SettingValue | undefined>> = {};
  for (const [name, spec] of rowsOf(command)) {
    const fallback =
      spec.kind === 'boolean' ? false : (spec.default ?? (spec.kind === 'list' ? [] : undefined));
    options[name] = values.get(name) ?? fallback;
  }
  return options as AnySettings;
}

/** Refuses an option beside a value of another under which it would be ignored. */
function checkCompanions(command: CommandName, options: AnySettings, given: ReadonlySet<SettingName>): void {
  for (const [name, spec] of rowsOf(command)) {
    if (!given.has(name) || spec.onlyWith === undefined) continue;
    const { setting: option, values } = spec.onlyWith;
    const other = options[option as SettingName];
    if (other === undefined || values.includes(shown(other))) continue;
    const wanted = values.map((value) => `${flagOf(option)} ${value}`).join(' or ');
    throw usageError(
      'companion',
      `fim ${command} ${flagOf(name)}`,
      `belongs to ${wanted}`,
      `${flagOf(option)} ${shown(other)}`,
      `leave ${flagOf(name)} out, or give ${wanted}`,
    );
  }
}

function place(command: CommandName, words: readonly string[]): never {
  const spec: CommandSpec = COMMANDS[command];
  const missing = spec.positionals.slice(words.length).find((p) => !p.optional);
  if (missing !== undefined) {
    throw usageError(
      'arguments',
      `fim ${command}`,
      `needs ${missing.name.toUpperCase()}: ${missing.help}`,
      words.length === 0 ? undefined : words.join(' '),
      usageOf(command),
    );
  }
  const last = spec.positionals.at(-1);
  if (last?.many) {
    const before = spec.positionals.slice(0, -1).map((p, i) => [p.name, words[i]] as const);
    return Object.fromEntries([...before, [last.name, words.slice(before.length)]]) as never;
  }
  if (words.length > spec.positionals.length) {
    const extra = words.slice(spec.positionals.length).join(' ');
    throw usageError(
      'arguments',
      `fim ${command}`,
      `takes ${spec.positionals.length} arguments`,
      `one too many: ${extra}`,
      usageOf(command),
    );
  }
  return Object.fromEntries(spec.positionals.map((p, i) => [p.name, words[i]])) as never;
}
