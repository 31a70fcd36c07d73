/**
 * @module settings/running
 *
 * Settings of how a job runs: batches, draws, precision, engine.
 */
import { FLOAT_TYPES } from '../core/tensor.js';
import { DEFAULT_OPSET, NEWEST_OPSET, OLDEST_OPSET } from '../graph/onnx/export/model.js';
import { ENGINE_NAMES } from '../engine/types.js';
import { STUDIES, COMPUTES, THREADED, IN_PRECISION, MEASURES, PLAYS, READS_DATA } from './jobs.js';
import type { Row } from './row.js';

export const RUNNING = {
  batch: {
    kind: 'integer',
    min: 1,
    commands: READS_DATA,
    group: 'running',
    metavar: 'N',
    unit: 'examples',
    help: 'examples per pass; changes speed and memory, never the draws',
    defaultText: 'chosen by size',
    perCommand: { train: { help: 'examples per update', defaultText: '64' } },
  },
  shard: {
    kind: 'string',
    metavar: 'I/N',
    commands: ['estimate'],
    group: 'running',
    help: 'only part I of N of the examples, I from 1: its sums, for `fim merge`',
    long: 'The examples are cut into N stretches of the order that they are visited in; each may run anywhere, with the labels of the single run, and the file of `out` holds its sums. What a pilot over all examples decides goes by no single part: fewer `examples` than there are, a `targetError`, and `auto`.',
  },
  partial: {
    kind: 'boolean',
    commands: ['merge'],
    group: 'running',
    help: 'take the shards that there are; what is missing is said',
  },
  memory: {
    kind: 'bytes',
    above: 0,
    commands: [...MEASURES, 'merge'],
    group: 'running',
    help: 'memory that the passes may hold, their sums included',
    long: 'A bound: `2GB`, `500MB`, `512MiB`. Passes are cut to it, columns before examples, which costs time where it is small; the network, the data and the program itself, about 100 MB, come on top; of files of data beyond 256 MiB, or half of the bound where that is less, the rows are read as they are visited. Where the sums over the examples do not fit, it says what would.',
    defaultText: '512MiB beside the sums',
    perCommand: {
      merge: {
        help: 'memory that the rows of `form: gram` may take, which are held at once',
        defaultText: '1GiB',
      },
    },
  },
  seed: {
    kind: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    commands: [...COMPUTES, ...PLAYS, 'verify'],
    group: 'running',
    help: 'key of every random draw; the same seed gives the same answer',
  },
  dtype: {
    kind: 'choice',
    choices: FLOAT_TYPES,
    default: 'float32',
    commands: [...IN_PRECISION, 'compile'],
    group: 'running',
    help: 'precision of the work; sums over examples are float64 in any case',
    perCommand: { compile: { help: 'precision of the graph, its inputs and its sums' } },
  },
  opset: {
    kind: 'integer',
    min: OLDEST_OPSET,
    max: NEWEST_OPSET,
    default: DEFAULT_OPSET,
    commands: ['compile'],
    group: 'running',
    help: 'version of the ONNX operator set that the file asks for',
  },
  engine: {
    kind: 'choice',
    choices: ['auto', ...ENGINE_NAMES],
    default: 'auto',
    commands: [...COMPUTES, ...STUDIES],
    group: 'running',
    help: 'ONNX Runtime, or fim’s own executor; auto picks by size and says so',
  },
  threads: {
    kind: 'integer',
    min: 1,
    max: 1024,
    commands: THREADED,
    group: 'running',
    help: 'threads over which batches go; the numbers are the same bits for any',
    long: 'Each has an engine of its own, and `memory` holds for all together: where it has no room for two batches they go one at a time, which is said. Passes over all examples take them, by any estimator and in any form; pilots, proxies and what is computed again in float64 go one batch at a time. They pay from some ten thousand examples on, and where a core is free for each.',
    defaultText: '1',
  },
} as const satisfies Record<string, Row>;
