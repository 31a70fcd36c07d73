/**
 * @module settings/model
 *
 * Settings that say what of a network counts: parameters, outputs, weights; and the shape of a network that is trained.
 */
import { ACTIVATION_NAMES } from '../model/activations.js';
import { OUTPUT_IS, OUTPUT_ORDERS } from '../model/output/choose.js';
import { READS_MODEL } from './jobs.js';
import type { Row } from './row.js';

export const MODEL = {
  names: {
    kind: 'path',
    commands: READS_MODEL,
    group: 'model',
    help: 'the parameters are exactly those that this file names, in its order and layout',
    long: "A text file of names, one a line (`#` begins a comment), or a safetensors or npz file whose keys are those of `named_parameters()`: `numpy.savez('names.npz', **{k: v.detach().numpy() for k, v in model.named_parameters()})`. Tensors are found by name, by the module that reads them (`/k/MatMul` is `k.weight`) and, where the file has arrays, by their numbers: transposed, merged, masked ones too. Every output then has these names and the framework's layout. A key that can only be a buffer (running statistics, counters, integers) is set aside.",
  },
  parameters: {
    kind: 'list',
    metavar: 'GLOB',
    commands: READS_MODEL,
    group: 'model',
    help: 'count only the parameters whose names match',
    long: 'Totals and errors then cover that subset. Names are those of the ONNX initialisers; `*` matches any run of characters, `?` any one. Also includes what is otherwise taken for preprocessing.',
  },
  freeze: {
    kind: 'list',
    metavar: 'GLOB',
    commands: READS_MODEL,
    group: 'model',
    help: 'leave out the parameters whose names match',
  },
  output: {
    kind: 'string',
    commands: READS_MODEL,
    group: 'model',
    metavar: 'NAME,…',
    help: 'which output to take, where the graph has several; names between commas are joined',
    long: "Under gaussian-mv `output: 'mu,logvar'` makes one head of two outputs, means first; the scale’s name says its link unless `link` does. Of a pair that one name leaves half out, the other half is joined and said. Any inner value of the graph may be named.",
  },
  from: {
    kind: 'string',
    commands: READS_MODEL,
    group: 'model',
    metavar: 'VALUE,…',
    help: 'begin the network at a value of the graph: what is before runs in ONNX Runtime, its parameters frozen',
    long: 'The data still feed the inputs of the file. They are run through the part before the value once, and what comes out is held in memory; whatever ONNX Runtime has may stand there. Parameters, scores and errors are of what is behind. `fim inspect` names the value that keeps most parameters where a file has operators that are not covered. Needs onnxruntime-node.',
  },
  batchAxis: {
    kind: 'list',
    metavar: 'NAME=AXIS',
    commands: READS_MODEL,
    group: 'model',
    help: 'axis of an input that holds the examples, counted from 0',
    long: 'Of arrays of the data too. Without it the axis is inferred where one is possible: the one of unknown length, or the only one along which the examples are independent.',
    defaultText: 'inferred',
  },
  inputShape: {
    kind: 'list',
    metavar: 'NAME=N,3,48,320',
    commands: READS_MODEL,
    group: 'model',
    help: 'shape of an input whose lengths the file leaves open, N where the examples are',
    defaultText: 'from the arrays of DATA',
  },
  constant: {
    kind: 'list',
    metavar: 'NAME=VALUE',
    commands: READS_MODEL,
    group: 'model',
    help: 'an input that has this value for all examples',
  },
  classAxis: {
    kind: 'integer',
    min: -8,
    commands: READS_MODEL,
    group: 'model',
    metavar: 'AXIS',
    help: 'axis of the output that holds the classes, where it has several positions',
    long: 'Positions are tokens, pixels or boxes: [N, S, C] and [N, C, H, W] are S and H × W choices among C classes under categorical.',
    defaultText: 'that of a final Softmax; else the last of three axes, the second of four',
  },
  mask: {
    kind: 'string',
    commands: READS_MODEL,
    group: 'model',
    metavar: 'INPUT',
    help: 'input of the graph whose numbers above 0 are the positions of the output that count',
  },
  ignoreLabel: {
    kind: 'integer',
    min: -2147483648,
    commands: READS_MODEL,
    group: 'model',
    metavar: 'L',
    help: 'leave positions out whose label in the data is L, e.g. -100, under every estimator',
  },
  outputOrder: {
    kind: 'choice',
    choices: OUTPUT_ORDERS,
    commands: READS_MODEL,
    group: 'model',
    help: 'how one output holds means and scales: all means first, or mean and scale in turn',
    defaultText: 'blocks',
    onlyWith: { setting: 'likelihood', values: ['gaussian-mv'] },
  },
  outputIs: {
    kind: 'choice',
    choices: OUTPUT_IS,
    commands: READS_MODEL,
    group: 'model',
    help: 'take the output as the natural parameter as it stands',
    long: 'A final Softmax, Sigmoid or LogSigmoid is otherwise removed, and any other squashing at the end refused. `natural` is refused where the end is a function that the likelihood has inside; `as-it-stands` confirms that the loss applied another one to it.',
  },
  weights: {
    kind: 'path',
    extensions: ['.safetensors', '.npz'],
    commands: READS_MODEL,
    group: 'model',
    help: 'run the graph with these weights in place of its own',
  },
  hidden: {
    kind: 'integers',
    min: 1,
    commands: ['train'],
    group: 'model',
    unit: 'units',
    help: 'widths of the hidden layers',
    default: [128, 128],
  },
  activation: {
    kind: 'choice',
    choices: ACTIVATION_NAMES,
    default: 'tanh',
    commands: ['train'],
    group: 'model',
    help: 'activation of the hidden layers',
  },
} as const satisfies Record<string, Row>;
