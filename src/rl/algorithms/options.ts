/**
 * @module rl/algorithms/options
 *
 * The options of every algorithm: name, type, range, default, meaning, and where the default comes from. What a preset or a command line
 * gives is checked against this table and nowhere else; what it leaves out has the default. Presets differ from the defaults where
 * their sources do.
 */
import { FimError } from '../../core/errors.js';
import { fits } from '../../core/settings/read.js';
import type {
  BooleanSetting,
  ChoiceSetting,
  NamedSetting,
  NumericSetting,
  Range,
} from '../../core/settings/setting.js';
import { ruleOf } from '../../core/settings/words.js';
import { didYouMean } from '../../core/suggest.js';
import { OPTIMISERS } from './optimisers.js';
import { type AlgorithmName, KL_SCALES, type KlScale, type OptionValues } from './types.js';

const SB3 = 'Stable-Baselines3';
const CONTRIB = 'Stable-Baselines3-contrib';
const BASELINES = 'OpenAI baselines';
const TIANSHOU = "Tianshou's MuJoCo examples";
const OURS = "fim's own";

/** An option of an algorithm: a setting that always has a default, and a source for it. */
export type OptionSpec = NamedSetting<NumericSetting | BooleanSetting | ChoiceSetting> & {
  /** The value where neither preset nor user says one. */
  readonly default: number | boolean | string;
  /** Where the default comes from. */
  readonly source: string;
};

const numeric =
  (kind: 'number' | 'integer') =>
  (name: string, value: number, range: Range, help: string, source: string): OptionSpec => ({
    name,
    kind,
    default: value,
    ...range,
    help,
    source,
  });
const number = numeric('number');
const integer = numeric('integer');
const flag = (name: string, value: boolean, help: string, source: string): OptionSpec => ({
  name,
  kind: 'boolean',
  default: value,
  help,
  source,
});
const choice = (
  name: string,
  choices: readonly string[],
  help: string,
  source: string,
  value = choices[0],
): OptionSpec => ({ name, kind: 'choice', choices, default: value, help, source });

const POSITIVE = { above: 0 };
const NOT_NEGATIVE = { min: 0 };
const SHARE = { min: 0, below: 1 };

const learningRate = (value: number, meaning: string, source: string): OptionSpec =>
  number('learningRate', value, POSITIVE, meaning, source);
const SCHEDULE = choice(
  'schedule',
  ['constant', 'linear'],
  'how the learning rates, also a critic’s of its own, move over the run: not at all, or to 0 at its end',
  SB3,
);
const ENTROPY = number('entropyCoefficient', 0, NOT_NEGATIVE, 'weight of the mean entropy', SB3);
const normalise = (value: boolean, source: string): OptionSpec =>
  flag('normaliseAdvantages', value, 'whether advantages get mean 0 and deviation 1', source);

/** One descent on both losses. */
const joint = (rate: number, optimiser: 'rmsprop' | 'adam', clip: number, source: string): OptionSpec[] => [
  learningRate(rate, 'η of the optimiser', source),
  SCHEDULE,
  choice('optimiser', OPTIMISERS, 'first-order optimiser', source, optimiser),
  number('valueCoefficient', 0.5, NOT_NEGATIVE, 'weight of the value loss', SB3),
  ENTROPY,
  number('maxGradNorm', clip, NOT_NEGATIVE, 'norm at which gradients are clipped; 0: never', source),
];

/** A critic fitted on its own. */
const CRITIC: readonly OptionSpec[] = [
  number('criticLearningRate', 1e-3, POSITIVE, 'learning rate of the critic', TIANSHOU),
  integer('criticEpochs', 20, { min: 1 }, 'passes of the critic over each segment', TIANSHOU),
  integer('criticMinibatch', 0, NOT_NEGATIVE, 'rows of a step of the critic; 0: the whole segment', TIANSHOU),
  choice('criticOptimiser', OPTIMISERS, 'optimiser of the critic', TIANSHOU, 'adam'),
];

interface NaturalDefaults {
  readonly source: string;
  readonly step?: 'kl' | 'fixed';
  /** Default: both. */
  readonly steps?: readonly string[];
  readonly rate?: number;
  readonly targetKl?: number;
  readonly klScale?: KlScale;
}

/** The policy step of natural gradients. */
const natural = ({
  source,
  step = 'kl',
  steps = ['kl', 'fixed'],
  rate = 1,
  targetKl = 0.01,
  klScale = 'exact',
}: NaturalDefaults): OptionSpec[] => [
  choice(
    'step',
    steps,
    'length of a step: sized for a divergence of targetKl, or learningRate',
    source,
    step,
  ),
  learningRate(rate, 'η of fixed steps; of acktr, the longest step', source),
  SCHEDULE,
  number('targetKl', targetKl, POSITIVE, 'ε, KL asked of a step, nats a state', source),
  choice(
    'klScale',
    KL_SCALES,
    'quadratic form that sizes a step: of the exact Fisher, or with λ|d|² added, as published TRPO does',
    klScale === 'damped' ? source : OURS,
    klScale,
  ),
  ENTROPY,
  flag(
    'entropyPreconditioned',
    true,
    'whether the entropy’s gradient goes through the inverse with the rest',
    OURS,
  ),
  normalise(true, CONTRIB),
];

const damping = (value: number, source: string): OptionSpec =>
  number('damping', value, POSITIVE, 'λ, added to the Fisher before it is inverted', source);

const conjugate = (iterations: number, source: string): OptionSpec[] => [
  choice('fisher', ['true', 'empirical'], 'the model’s own Fisher, or that of the actions taken', source),
  damping(0.1, source),
  integer('cgIterations', iterations, { min: 1 }, 'products with the Fisher, at most', source),
  number('cgTolerance', 1e-10, SHARE, 'relative residual at which to stop before', source),
];

const columns = (value: 'exact' | 'sampled', source: string): OptionSpec =>
  choice(
    'columns',
    ['exact', 'sampled', 'taken'],
    'expectation over actions: in closed form, by one draw a state, or over the actions taken',
    source,
    value,
  );

/** The options of every algorithm: name, type, default and range, with the source of the default. */
export const algorithmOptions: Readonly<Record<AlgorithmName, readonly OptionSpec[]>> = {
  reinforce: [...joint(1e-3, 'adam', 0, TIANSHOU), normalise(true, TIANSHOU)],
  a2c: [
    choice(
      'critic',
      ['joint', 'separate'],
      'one descent on both losses as published; or plain ascent of the policy and a critic on its own, SMAC’s control',
      SB3,
    ),
    ...joint(7e-4, 'rmsprop', 0.5, SB3),
    normalise(false, SB3),
    ...CRITIC,
  ],
  ppo: [
    ...joint(3e-4, 'adam', 0.5, SB3),
    normalise(true, SB3),
    number('clip', 0.2, POSITIVE, 'ε of the clipped ratio', SB3),
    choice('clipSchedule', ['constant', 'linear'], 'how the clip moves over the run', SB3),
    integer('epochs', 10, { min: 1 }, 'passes over each segment', SB3),
    integer('minibatch', 64, { min: 1 }, 'rows of a step', SB3),
    number('targetKl', 0, NOT_NEGATIVE, 'KL at 1.5 times which a segment is left; 0: none', SB3),
  ],
  trpo: [
    ...natural({ source: CONTRIB, klScale: 'damped' }),
    ...conjugate(15, CONTRIB),
    number('backtrack', 0.8, { above: 0, below: 1 }, 'β, by which a step is shortened', CONTRIB),
    integer('maxBacktracks', 10, NOT_NEGATIVE, 'times that it is shortened, at most', CONTRIB),
    number('acceptKl', 1, POSITIVE, `κ: an accepted step has KL ≤ κε (${BASELINES}: 1.5)`, CONTRIB),
    ...CRITIC,
  ],
  npg: [...natural({ source: TIANSHOU }), ...conjugate(10, TIANSHOU), ...CRITIC],
  acktr: [
    ...natural({ source: BASELINES, steps: ['kl'], rate: 0.25, targetKl: 1e-3 }),
    columns('sampled', BASELINES),
    damping(0.01, BASELINES),
    number('decay', 0.99, SHARE, 'ρ of the running means of the factors', BASELINES),
    integer('interval', 1, { min: 1 }, 'updates between inversions', OURS),
    number(
      'criticTargetKl',
      0.3,
      POSITIVE,
      'trust region of a step of the critic, nats of its unit Gaussian; with a shared trunk, of the Gaussian of valueVariance',
      `${BASELINES}, continuous control`,
    ),
    integer(
      'criticSteps',
      5,
      { min: 1 },
      'without a shared trunk: steps of the critic on every segment',
      OURS,
    ),
    number(
      'valueCoefficient',
      0.5,
      NOT_NEGATIVE,
      'with a shared trunk: weight of the value’s gradient beside the policy’s',
      BASELINES,
    ),
    choice(
      'valueVariance',
      ['error', 'unit'],
      'with a shared trunk: variance of the value’s Gaussian, its mean squared error, or 1 as published on clipped rewards',
      OURS,
    ),
    number('momentum', 0, SHARE, `μ of all that is learned (${BASELINES}: 0.9)`, OURS),
  ],
  diagonal: [
    ...natural({ source: OURS }),
    columns('exact', OURS),
    damping(0.01, OURS),
    number('decay', 0, SHARE, 'ρ of the running mean of the diagonal; 0: that of the segment', OURS),
    ...CRITIC,
  ],
  smac: [
    ...natural({ source: OURS, step: 'fixed', rate: 0.1 }),
    damping(0.1, OURS),
    choice(
      'sample',
      ['batch', 'fresh'],
      'the one score: of a row’s own action, or of one drawn anew in its state',
      OURS,
    ),
    choice('scope', ['network', 'layer'], 'one inverse of the whole network, or one of each layer', OURS),
    ...CRITIC,
  ],
  woodbury: [
    ...natural({ source: OURS }),
    choice('dampingRule', ['moments', 'leave-one-out', 'fixed'], 'how λ is found', OURS),
    number('damping', 1e-3, NOT_NEGATIVE, 'λ of the rule `fixed`, the smallest of the others', OURS),
    ...CRITIC,
  ],
};

/** The defaults of an algorithm. */
export function defaultsOf(algorithm: AlgorithmName): OptionValues {
  return Object.fromEntries(algorithmOptions[algorithm].map((spec) => [spec.name, spec.default]));
}

/** The options with what is left out. Throws `rl/option` for a name that is none, or a value out of its range. */
export function completeOptions(algorithm: AlgorithmName, values: OptionValues): OptionValues {
  const specs = new Map(algorithmOptions[algorithm].map((spec) => [spec.name, spec]));
  for (const [name, value] of Object.entries(values)) {
    const spec = specs.get(name);
    const names = [...specs.keys()];
    if (!spec)
      throw complaint(algorithm, `an option is one of ${names.join(', ')}`, name, didYouMean(name, names));
    if (!fits(spec, value)) throw badOption(algorithm, spec, String(value));
  }
  return { ...defaultsOf(algorithm), ...values };
}

/** What is said of a value that an option of `algorithm` does not take. */
export function badOption(algorithm: AlgorithmName, spec: OptionSpec, got: string): FimError {
  const next = { next: `the default is ${spec.default}: ${spec.help}` };
  return complaint(algorithm, `${spec.name} ${ruleOf(spec)}`, got, next);
}

function complaint(algorithm: string, rule: string, got: string, next: { next?: string }): FimError {
  const where = `options of ${algorithm}`;
  return new FimError({ code: 'rl/option', kind: 'usage', where, rule, got, ...next });
}
