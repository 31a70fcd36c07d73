/**
 * @module rl/train/setting-table
 *
 * The settings of a run that are not the algorithm's: name, type, range, meaning. What a command line, a grid or the library gives is
 * checked against this table and nowhere else, before anything is made of it.
 */
import { FimError } from '../../core/errors.js';
import { fits } from '../../core/settings/read.js';
import type { NamedSetting } from '../../core/settings/setting.js';
import { ruleOf } from '../../core/settings/words.js';
import { ACTIVATIONS } from '../../model/activations.js';
import type { TrainSettings } from './settings.js';

/** Environments of a run, at most: each holds a state, a random stream and a row of every buffer. */
const MOST_ENVIRONMENTS = 65_536;
/** Rows of a segment, environments × horizon, at most: buffers hold some dozens of numbers a row. */
const MOST_ROWS = 16_777_216;
const WIDEST = 16_384;
/** Weights between hidden layers, at most. */
const MOST_WEIGHTS = 67_108_864;

const ONE_OR_MORE = { kind: 'integer', min: 1 } as const;
const SHARE = { kind: 'number', min: 0, max: 1 } as const;
const FLAG = { kind: 'boolean' } as const;
const oneOf = (...choices: string[]) => ({ kind: 'choice', choices }) as const;

/** Every setting of a run that is not its algorithm's; what a preset leaves open has no default here. */
export const RUN_SETTINGS: readonly NamedSetting[] = [
  { name: 'steps', ...ONE_OR_MORE, help: 'environment steps, all environments together' },
  { name: 'environments', ...ONE_OR_MORE, max: MOST_ENVIRONMENTS, help: 'stepped together' },
  { name: 'horizon', ...ONE_OR_MORE, max: MOST_ROWS, help: 'steps of each environment in a segment' },
  { name: 'discount', ...SHARE, help: 'γ' },
  { name: 'lambda', ...SHARE, help: 'λ of the advantages' },
  {
    name: 'hidden',
    kind: 'integers',
    min: 1,
    max: WIDEST,
    metavar: '64x64',
    help: 'widths of the hidden layers',
  },
  { name: 'activation', ...oneOf(...Object.keys(ACTIVATIONS)), help: 'of the hidden layers' },
  { name: 'value', ...oneOf('separate', 'shared', 'none'), help: 'the value network' },
  { name: 'initialLogSigma', kind: 'number', min: -20, max: 20, help: 'log σ of a Box’s actions at first' },
  { name: 'normaliseObservations', ...FLAG, help: 'to mean 0 and deviation 1' },
  { name: 'normaliseRewards', ...FLAG, help: 'by the running deviation of returns' },
  {
    name: 'actions',
    ...oneOf('clipped', 'mapped'),
    default: 'clipped',
    help: 'how what is drawn becomes an action of a Box',
  },
  { name: 'trackFisher', ...ONE_OR_MORE, help: 'updates between looks at the policy’s Fisher' },
];

/** Settings that may be left out. */
const OPTIONAL: readonly string[] = ['actions', 'trackFisher'];

/** Throws `rl/setting`, which names the setting, its range and what it got, unless every setting of a run is one it can have. */
export function checkSettings(settings: TrainSettings): void {
  const values = settings as unknown as Readonly<Record<string, unknown>>;
  for (const spec of RUN_SETTINGS) {
    const value = values[spec.name];
    if (value === undefined && OPTIONAL.includes(spec.name)) continue;
    if (!fits(spec, value)) throw badValue(spec, Array.isArray(value) ? value.join('x') : String(value));
  }
  checkHidden(settings.hidden);
  const { algorithm, environments, horizon, value, lambda } = settings;
  if (environments * horizon > MOST_ROWS)
    throw badSetting(
      `environments × horizon, the rows of a segment, is at most ${MOST_ROWS}`,
      `${environments} × ${horizon}`,
    );
  if (algorithm === 'reinforce' && value === 'none' && lambda !== 1)
    throw badSetting(
      'without a value network advantages are returns to go, so lambda, which weighs values, is 1',
      `value none, lambda ${lambda}`,
      "`set: { value: 'none', lambda: 1 }`",
    );
}

function checkHidden(hidden: readonly number[]): void {
  const weights = hidden.slice(1).reduce((sum, w, l) => sum + w * hidden[l], 0);
  if (weights > MOST_WEIGHTS)
    throw badSetting(`hidden layers have at most ${MOST_WEIGHTS} weights between them`, hidden.join('x'));
}

/** What is said of a value that a setting of a run does not take. */
export function badValue(spec: NamedSetting, got: string): FimError {
  const written = spec.name === 'hidden' ? ', written 64x64' : '';
  return badSetting(`${spec.name} (${spec.help}) ${ruleOf(spec)}${written}`, got);
}

/** A setting that a run cannot have. */
export function badSetting(rule: string, got: string, next?: string, cause?: string): FimError {
  return new FimError({
    code: 'rl/setting',
    kind: 'usage',
    where: 'training settings',
    rule,
    got,
    ...(cause === undefined ? {} : { cause }),
    ...(next === undefined ? {} : { next }),
  });
}
