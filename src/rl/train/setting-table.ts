/**
 * @module rl/train/setting-table
 *
 * The settings of a run that are not the algorithm's: name, type, range, meaning. What a command line, a grid or the library gives is
 * checked against this table and nowhere else, before anything is made of it.
 */
import { FimError } from '../../core/errors.js';
import { ACTIVATIONS } from '../../model/activations.js';
import { fits, ruleOf, type ValueRule } from '../algorithms/option-spec.js';
import type { TrainSettings } from './settings.js';

/** Environments of a run, at most: each holds a state, a random stream and a row of every buffer. */
const MOST_ENVIRONMENTS = 65_536;
/** Rows of a segment, environments × horizon, at most: buffers hold some dozens of numbers a row. */
const MOST_ROWS = 16_777_216;
const WIDEST = 16_384;
/** Weights between hidden layers, at most. */
const MOST_WEIGHTS = 67_108_864;

export type SettingSpec = ValueRule & {
  readonly name: string;
  /** One line, no full stop. */
  readonly meaning: string;
};

const ONE_OR_MORE = { type: 'integer', min: 1 } as const;
const SHARE = { type: 'number', min: 0, max: 1 } as const;
const FLAG = { type: 'boolean' } as const;
const oneOf = (...values: string[]) => ({ type: 'choice', values }) as const;

/** All but `hidden`, a list, which has a rule of its own. */
export const SETTINGS: readonly SettingSpec[] = [
  { name: 'steps', ...ONE_OR_MORE, meaning: 'environment steps, all environments together' },
  { name: 'environments', ...ONE_OR_MORE, max: MOST_ENVIRONMENTS, meaning: 'stepped together' },
  { name: 'horizon', ...ONE_OR_MORE, max: MOST_ROWS, meaning: 'steps of each environment in a segment' },
  { name: 'discount', ...SHARE, meaning: 'γ' },
  { name: 'lambda', ...SHARE, meaning: 'λ of the advantages' },
  { name: 'activation', ...oneOf(...Object.keys(ACTIVATIONS)), meaning: 'of the hidden layers' },
  { name: 'value', ...oneOf('separate', 'shared', 'none'), meaning: 'the value network' },
  {
    name: 'initialLogSigma',
    type: 'number',
    min: -20,
    max: 20,
    meaning: 'log σ of a Box’s actions at first',
  },
  { name: 'normaliseObservations', ...FLAG, meaning: 'to mean 0 and deviation 1' },
  { name: 'normaliseRewards', ...FLAG, meaning: 'by the running deviation of returns' },
  { name: 'actions', ...oneOf('clipped', 'mapped'), meaning: 'how what is drawn becomes an action of a Box' },
  { name: 'trackFisher', ...ONE_OR_MORE, meaning: 'updates between looks at the policy’s Fisher' },
];

/** Settings that may be left out. */
const OPTIONAL: readonly string[] = ['actions', 'trackFisher'];

/** Throws `rl/setting`, which names the setting, its range and what it got, unless every setting of a run is one it can have. */
export function checkSettings(settings: TrainSettings): void {
  const values = settings as unknown as Readonly<Record<string, unknown>>;
  for (const spec of SETTINGS) {
    const value = values[spec.name];
    if (value === undefined && OPTIONAL.includes(spec.name)) continue;
    if (!fits(spec, value)) throw badSetting(`${spec.name} (${spec.meaning}) ${ruleOf(spec)}`, String(value));
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
      '--set value=none --set lambda=1',
    );
}

function checkHidden(given: unknown): void {
  const hidden = given as readonly number[];
  const widths = Array.isArray(given) ? hidden : null;
  if (!widths?.every((w) => Number.isSafeInteger(w) && w >= 1 && w <= WIDEST))
    throw badSetting(
      `hidden is the widths of the hidden layers, whole numbers from 1 to ${WIDEST}, written 64x64`,
      widths?.join('x') ?? String(given),
    );
  const weights = hidden.slice(1).reduce((sum, w, l) => sum + w * hidden[l], 0);
  if (weights > MOST_WEIGHTS)
    throw badSetting(`hidden layers have at most ${MOST_WEIGHTS} weights between them`, hidden.join('x'));
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
