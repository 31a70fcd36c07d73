/**
 * @module settings/output
 *
 * Settings of what a job writes and how much it says.
 */
import { REPORTING, STUDIES, COMPUTES } from './jobs.js';
import type { Row } from './row.js';

export const OUTPUT = {
  run: {
    kind: 'path',
    metavar: 'DIR',
    commands: ['train', 'estimate', 'rl compare', ...STUDIES],
    group: 'output',
    help: 'folder of the results; an interrupted run goes on there, finished points are never repeated',
    defaultText: 'runs/ and the name',
    perCommand: {
      train: { help: 'folder of what is tracked', defaultText: 'runs/train' },
      estimate: {
        help: 'cut the work into tasks in this folder: killed at any moment, the same command goes on',
        defaultText: 'none: the work is done in one',
      },
      'rl compare': { help: 'another word for the folder of the comparison', defaultText: 'as `out`' },
    },
  },
  policy: {
    kind: 'path',
    extensions: ['.onnx'],
    commands: ['watch'],
    group: 'model',
    help: 'network whose likeliest action is taken',
    defaultText: 'random actions',
  },
  frames: {
    kind: 'path',
    metavar: 'DIR',
    commands: ['watch'],
    group: 'output',
    help: 'write PNG files too: frame-0000.png for the start, then one for each step',
    long: 'Needs the package @resvg/resvg-js. Solids of MuJoCo are drawn by their outlines from the side, without a browser.',
  },
  out: {
    kind: 'path',
    short: 'o',
    extensions: ['.npz', '.safetensors'],
    commands: [
      'train',
      'estimate',
      'merge',
      'compile',
      'solve',
      'variance',
      'watch',
      'rl train',
      'rl compare',
    ],
    group: 'output',
    help: 'write fisher/…, label_se/… and data_se/… arrays, one per parameter, and the manifest',
    perCommand: {
      estimate: {
        help: 'write fisher/…, standard_error/…, label_se/… and data_se/… arrays, one per parameter, and the manifest',
      },
      merge: { help: 'write the arrays and the manifest that `fim estimate` writes' },
      solve: {
        help: 'write the solutions, named and shaped as the right-hand sides',
        defaultText: 'solution.npz',
      },
      compile: { extensions: ['.onnx'], help: 'write the graph', defaultText: 'fisher.onnx' },
      train: { extensions: ['.onnx'], help: 'write the trained network', defaultText: 'model.onnx' },
      watch: { extensions: ['.html'], help: 'write the page', defaultText: 'ENV.html' },
      'rl train': {
        extensions: [],
        metavar: 'DIR',
        help: 'folder of the run',
        defaultText: 'runs/ALGORITHM-ENV-SEED',
      },
      'rl compare': {
        extensions: [],
        metavar: 'DIR',
        help: 'folder of the comparison',
        defaultText: 'runs/compare, or runs/ and the name of SPEC',
      },
    },
  },
  noGroups: {
    kind: 'boolean',
    commands: ['estimate'],
    group: 'output',
    help: 'no sums of groups of examples in the file of `out`',
    long: 'It holds groups/fisher/… [G, …], the sums of the values over each of G random groups of examples, and groups/examples [G], from which later uses take their errors: G = 20, fewer, at least 8, where they would pass 10⁷ numbers, none above 2·10⁶ parameters. Of weighted visits groups are of visits for the population data; else they are of inputs, with groups/drawn/…, groups/taken/…, groups/inputs and groups/share. The manifest says which, or why there are none.',
  },
  noTheta: {
    kind: 'boolean',
    commands: ['estimate'],
    group: 'output',
    help: 'no parameters θ in the file of `out`, which holds them as theta/…; their digest stays in its manifest',
  },
  report: {
    kind: 'path',
    extensions: ['.html'],
    commands: ['demo', 'estimate', 'forms', 'spectrum'],
    group: 'output',
    help: 'write a self-contained page with the figures',
  },
  json: {
    kind: 'boolean',
    commands: [
      'train',
      'inspect',
      'estimate',
      'merge',
      'compile',
      'spectrum',
      'solve',
      'compare',
      'verify',
      'variance',
      'forms',
      'plan',
      'envs',
      'envs check',
      'watch',
      'bench-env',
      'rl train',
      'rl evaluate',
      'rl compare',
      'work',
      'status',
      'submit',
      ...STUDIES,
    ],
    group: 'output',
    help: 'print one JSON object on standard output, and nothing else there',
  },
  quiet: {
    kind: 'boolean',
    short: 'q',
    commands: [...REPORTING, 'watch', 'merge', 'solve', 'compare', 'submit'],
    group: 'output',
    help: 'no progress on standard error; warnings and errors still appear',
  },
  verbose: {
    kind: 'boolean',
    short: 'v',
    commands: [...COMPUTES],
    group: 'output',
    help: 'say which engine runs it, and why',
  },
} as const satisfies Record<string, Row>;
