/**
 * The twenty commands whose outputs are held fast, as words for `fim`. Each runs in a folder of its own beside `models/`, the
 * repository's own networks and data; `after` names a command whose folder it reads. `cheap` marks those whose outputs are
 * committed: the small engine in float64, or training in CartPole and Pendulum, each in a few seconds.
 */
const of = (name, ...words) => [
  'estimate',
  `../models/${name}/model.onnx`,
  `../models/${name}/data.npz`,
  ...words,
];
const SMALL64 = ['--engine', 'small', '--dtype', 'float64', '--threads', '1'];
const SMALL32 = ['--engine', 'small', '--dtype', 'float32', '--threads', '1'];
const ORT32 = ['--engine', 'ort', '--dtype', 'float32', '--threads', '1'];
const categorical = ['--likelihood', 'categorical'];

export const MODELS = [
  'golden-4-5-3',
  'digits-mlp-double',
  'digits-mlp-tanh',
  'digits-mlp-sigmoid-small',
  'diabetes-regression',
  'wine-multilabel',
  'digits-transformer',
  'digits-transformer-opset13',
];

/** `{ name, cheap, after?, words }`, in the order in which they run. */
export const COMMANDS = [
  {
    name: 'estimate-exact',
    cheap: true,
    words: of('golden-4-5-3', ...categorical, '--estimator', 'exact', ...SMALL64, '--out', 'fisher.npz'),
  },
  {
    name: 'estimate-type1-closed-form',
    cheap: true,
    words: of(
      'digits-mlp-double',
      ...categorical,
      ...['--estimator', 'type1', '--labels', '3', '--error', 'closed-form', '--seed', '5'],
      ...[...SMALL64, '--out', 'fisher.npz'],
    ),
  },
  {
    name: 'estimate-rademacher-sampled',
    cheap: false,
    words: of(
      'digits-mlp-tanh',
      ...categorical,
      ...['--estimator', 'rademacher', '--labels', '4', '--error', 'sampled', '--batch', '48'],
      ...[...ORT32, '--out', 'fisher.safetensors'],
    ),
  },
  {
    name: 'estimate-empirical-gaussian',
    cheap: true,
    words: of(
      'diabetes-regression',
      ...[
        '--likelihood',
        'gaussian',
        '--variance',
        '0.5',
        '--estimator',
        'empirical',
        '--population',
        'data',
      ],
      ...['--examples', '100', ...SMALL64, '--out', 'fisher.safetensors'],
    ),
  },
  {
    name: 'estimate-type2',
    cheap: true,
    words: of(
      'digits-mlp-double',
      ...categorical,
      ...[
        '--estimator',
        'type2',
        '--labels',
        '2',
        '--error',
        'closed-form',
        ...SMALL64,
        '--out',
        'fisher.npz',
      ],
    ),
  },
  {
    name: 'estimate-mix',
    cheap: true,
    words: of(
      'digits-mlp-sigmoid-small',
      ...categorical,
      ...['--estimator', 'mix', '--labels', '2', ...SMALL64, '--out', 'fisher.npz'],
    ),
  },
  {
    name: 'estimate-auto-float32',
    cheap: false,
    words: of(
      'digits-mlp-tanh',
      ...[...categorical, '--estimator', 'auto', '--level', '90%', ...SMALL32, '--out', 'fisher.npz'],
    ),
  },
  {
    name: 'estimate-dense',
    cheap: true,
    words: of('golden-4-5-3', ...categorical, '--form', 'dense', ...SMALL64, '--out', 'fisher.npz'),
  },
  {
    name: 'estimate-bernoulli-sampled',
    cheap: true,
    words: of(
      'wine-multilabel',
      ...['--likelihood', 'bernoulli', '--estimator', 'type1', '--labels', '2', '--error', 'sampled'],
      ...['--population', 'data', '--examples', '60', ...SMALL64, '--out', 'fisher.npz'],
    ),
  },
  {
    name: 'estimate-attention',
    cheap: true,
    words: of(
      'digits-transformer',
      ...[...categorical, '--estimator', 'exact', '--examples', '16', ...SMALL64, '--out', 'fisher.npz'],
    ),
  },
  {
    name: 'estimate-attention-ort',
    cheap: false,
    words: of(
      'digits-transformer-opset13',
      ...[...categorical, '--estimator', 'type1', '--labels', '2', ...ORT32, '--out', 'fisher.npz'],
    ),
  },
  {
    name: 'variance',
    cheap: true,
    words: [
      ...['variance', '../models/digits-mlp-double/model.onnx', '../models/digits-mlp-double/data.npz'],
      ...[...categorical, '--examples', '40', ...SMALL64],
    ],
  },
  {
    name: 'plan',
    cheap: true,
    words: [
      ...['plan', '../models/wine-multilabel/model.onnx', '../models/wine-multilabel/data.npz'],
      ...['--likelihood', 'bernoulli', '--target-error', '20%', ...SMALL64],
    ],
  },
  { name: 'inspect', cheap: true, words: ['inspect', '../models/digits-transformer/model.onnx'] },
  {
    name: 'train',
    cheap: true,
    words: [
      ...['train', '../models/digits-mlp-double/data.npz', '--hidden', '7,5', '--activation', 'gelu'],
      ...['--epochs', '3', '--batch', '16', '--track', 'fisher,variance', '--track-every', '6'],
      ...['--track-inputs', '20', ...SMALL64, '--run', 'run', '--out', 'model.onnx'],
    ],
  },
  {
    name: 'sweep',
    cheap: false,
    words: [
      ...[
        'sweep',
        '--quick',
        '--activations',
        'tanh,relu',
        '--depths',
        '2',
        '--widths',
        '6,4',
        '--scales',
        '1',
      ],
      ...['--seeds', '2', '--after-epochs', '1', '--engine', 'small', '--threads', '1', '--run', 'run'],
    ],
  },
  {
    name: 'rl-train-ppo',
    cheap: true,
    words: [
      ...['rl', 'train', 'CartPole-v1', '--algorithm', 'ppo', '--steps', '1024', '--seed', '3'],
      ...['--set', 'hidden=16x16', '--workers', '1', '--out', 'run'],
    ],
  },
  {
    name: 'rl-train-trpo',
    cheap: true,
    words: [
      ...['rl', 'train', 'Pendulum-v1', '--algorithm', 'trpo', '--steps', '4096', '--seed', '2'],
      ...['--set', 'hidden=16x16', '--track-fisher', '2', '--workers', '1', '--out', 'run'],
    ],
  },
  {
    name: 'rl-compare',
    cheap: true,
    words: [
      ...['rl', 'compare', '--algorithms', 'ppo,woodbury', '--envs', 'CartPole-v1', '--steps', '1024'],
      ...['--seeds', '3', '--set', 'hidden=16x16', '--workers', '1', '--out', 'run'],
    ],
  },
  {
    name: 'rl-evaluate',
    cheap: true,
    after: 'rl-train-ppo',
    words: [
      'rl',
      'evaluate',
      'CartPole-v1',
      '../rl-train-ppo/run/policy.onnx',
      '--episodes',
      '6',
      '--seed',
      '4',
    ],
  },
].map((command) => ({
  ...command,
  words: [
    ...command.words,
    '--json',
    ...(command.words.includes('evaluate') || command.name === 'inspect' ? [] : ['--quiet']),
  ],
}));
