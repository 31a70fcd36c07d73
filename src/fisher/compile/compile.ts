/**
 * @module fisher/compile
 *
 * The derived graph of a network as an ONNX file that any runtime runs: data in, sums of the Fisher out, the likelihood's columns inside,
 * weights as initialisers under their own names. Standard operators alone. Sums of batches add up to those of all; runs over any
 * partition merge by addition.
 */
import { FimError } from '../../core/errors.js';
import { isFloat } from '../../core/tensor.js';
import { simplify } from '../../engine/simplify.js';
import { exportModel, graph, leavesOf, nodesOf, ops as b, type Value } from '../../graph/index.js';
import { hasDoubleKernel } from '../../graph/onnx/index.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import type { Sharing } from '../../scores/index.js';
import type { EstimatorChoice } from '../estimate.js';
import { type CompiledColumns, type CompiledEstimator, compiledColumns, filled } from './columns.js';
import { COMPILED_KEY, type CompiledMetadata, saidShape, type SaidInput } from './metadata.js';
import {
  COMPILED_STATISTICS,
  type CompiledOutput,
  type CompiledStatistic,
  statisticOutputs,
} from './statistics.js';

/** What is compiled, and what the file says of where it comes from. */
export interface CompileOptions {
  /** Default `diagonal`. */
  readonly statistic?: CompiledStatistic | undefined;
  /** Default `exact`; `empirical` and `rademacher` are offered beside it. */
  readonly estimator?: EstimatorChoice | undefined;
  /** Sign vectors for each example, for `rademacher`; default 1. */
  readonly labels?: number | undefined;
  /** How positions that share a weight make its factors; default `expand`. */
  readonly sharing?: Sharing | undefined;
  /** Version of the ONNX operator set, 13 to 22; default 17. */
  readonly opset?: number | undefined;
  /** SHA-256 of the file that the network came from, for the metadata. */
  readonly source?: string | undefined;
  /** Version of fim, for the metadata. */
  readonly version?: string | undefined;
}

/** A file that was compiled. */
export interface Compiled {
  readonly bytes: Uint8Array;
  readonly metadata: CompiledMetadata;
}

/**
 * Writes the derived graph of a Fisher statistic as the bytes of an `.onnx` file; inputs, outputs and metadata are in docs/compile.md.
 * Throws `compile/statistic`, `compile/estimator`, `compile/draws`, `compile/likelihood`, `compile/not-finite` where a weight is no
 * number, and `compile/double` where ONNX Runtime lacks a kernel for a network in float64.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `onnx/empty-shape`, `onnx/name-twice`, `onnx/opset`,
 * `onnx/parameter-shape`, `onnx/too-large`, `onnx/write`, `tensor/size`
 *
 * @example
 * ```ts
 * import { compileFisher, denseNetwork, getLikelihood } from 'fim';
 * import { importModel } from 'fim/graph';
 *
 * const bytes = compileFisher(denseNetwork({ widths: [4, 3] }), getLikelihood('categorical'));
 * const { outputs } = importModel(bytes);
 * console.log(outputs.map(({ name }) => name).slice(2, 4)); // [ 'sum/fc1.weight', 'sum_squares/fc1.weight' ]
 * ```
 */
export function compileFisher(
  network: Network,
  likelihood: Likelihood,
  options: CompileOptions = {},
): Uint8Array {
  return compiled(network, likelihood, options).bytes;
}

/** The file with what it says of itself. Throws what `compileFisher` throws. */
export function compiled(network: Network, likelihood: Likelihood, options: CompileOptions): Compiled {
  const { statistic = 'diagonal', estimator = 'exact', labels: draws = 1, sharing = 'expand' } = options;
  checkRequest(statistic, estimator, draws);
  checkFinite(network);
  likelihood.checkOutputs(network.h.shape[1] as number);
  const given = compiledColumns(network, likelihood, estimator, draws);
  const single = estimator === 'empirical';
  const outputs = named(network, [
    { name: 'h', value: network.h, is: 'output of the network' },
    { name: 'examples', value: counted(network.h), is: 'number of examples' },
    ...statisticOutputs(statistic, { network, given, single, sharing }),
  ]);
  const values = simplify(outputs.map(({ value }) => value));
  checkDouble(values);
  const read = new Set(leavesOf(values));
  const weights = [...network.parameters, ...network.fixed].filter(([, v]) => read.has(v));
  const data = inputsOf(network, given, outputs, read);
  const metadata: CompiledMetadata = {
    ...(options.version === undefined ? {} : { fim: options.version }),
    statistic,
    estimator: estimator as CompiledEstimator,
    ...(estimator === 'rademacher' ? { draws } : {}),
    columns: given.weights.shape[1] as number,
    likelihood: likelihood.name,
    options: likelihood.options,
    link: likelihood.coordinates,
    scale: 'sum over examples, sum over outputs',
    dtype: network.h.dtype,
    batch: { axis: 0, name: 'n' },
    ...(statistic === 'factors' ? { sharing } : {}),
    parameters: [...network.parameters].map(([name, v]) => ({ name, shape: v.shape as number[] })),
    fixed: weights.flatMap(([name]) => (network.fixed.has(name) ? [name] : [])),
    inputs: data.map(({ said }) => said),
    outputs: outputs.map(({ value, ...said }) => ({ ...said, shape: saidShape(value.shape) })),
    ...(options.source === undefined ? {} : { source: options.source }),
  };
  const bytes = exportModel(
    graph(
      [...data.map(({ said, value }) => [said.name, value] as const), ...weights],
      outputs.map(({ name }, i) => [name, values[i]] as const),
    ),
    {
      parameters: network.weights,
      metadata: { [COMPILED_KEY]: JSON.stringify(metadata) },
      lowerDouble: network.h.dtype === 'float64',
      convolutions: true,
      ...(options.opset === undefined ? {} : { opset: options.opset }),
    },
  );
  return { bytes, metadata };
}

/** Number of examples, as a number of its own. */
const counted = (h: Value): Value => b.reduceSum(filled(1, h, 1), [0, 1]);

/** A graph input with what metadata say of it. */
interface FileInput {
  readonly value: Value;
  readonly said: SaidInput;
}

/** The network's data that are read, then what comes beside them, under names that nothing else has. */
function inputsOf(
  network: Network,
  { late }: CompiledColumns,
  outputs: readonly CompiledOutput[],
  read: ReadonlySet<Value>,
): FileInput[] {
  const taken = new Set([...namesOf(network), ...outputs.map(({ name }) => name)]);
  const said = (name: string, value: Value, role: SaidInput['role']): FileInput => {
    const otherwise = role === 'data' ? network.feeds?.get(name)?.otherwise : undefined;
    const { dtype } = value;
    const shape = saidShape(value.shape);
    return { value, said: { name, dtype, shape, role, ...(otherwise === undefined ? {} : { otherwise }) } };
  };
  const mask = network.positions?.labels?.input;
  return [
    ...[...network.inputs]
      .filter(([, value]) => read.has(value))
      .map(([name, value]) => said(name, value, name === mask ? 'mask' : 'data')),
    ...LATE.flatMap((role) => {
      const value = late[role];
      return value ? [said(free(role, taken), value, role)] : [];
    }),
  ];
}

const LATE = ['targets', 'uniforms'] as const;

/** Outputs under names that no input or weight has. */
function named(network: Network, outputs: readonly CompiledOutput[]): CompiledOutput[] {
  const taken = new Set(namesOf(network));
  return outputs.map((output) => ({ ...output, name: free(output.name, taken) }));
}

const namesOf = ({ inputs, parameters, fixed }: Network): string[] =>
  [inputs, parameters, fixed].flatMap((values) => [...values.keys()]);

/** The name, with underscores behind it where it is taken. */
function free(wish: string, taken: Set<string>): string {
  let name = wish;
  while (taken.has(name)) name = `${name}_`;
  taken.add(name);
  return name;
}

function checkRequest(statistic: string, estimator: string, draws: number): void {
  const known: readonly string[] = COMPILED_STATISTICS;
  if (!known.includes(statistic)) {
    throw new FimError({
      code: 'compile/statistic',
      kind: 'usage',
      where: 'compileFisher',
      rule: `the statistic is one of ${COMPILED_STATISTICS.join(', ')}`,
      got: statistic,
      next: "`statistic: 'diagonal'`",
    });
  }
  if (estimator !== 'rademacher' && draws !== 1) {
    throw new FimError({
      code: 'compile/draws',
      kind: 'usage',
      where: 'compileFisher',
      rule: `nothing is drawn under ${estimator}`,
      got: `${draws} draws`,
      next: "leave them out, or `estimator: 'rademacher'`",
    });
  }
  if (Number.isInteger(draws) && draws >= 1) return;
  throw new FimError({
    code: 'compile/draws',
    kind: 'usage',
    where: 'compileFisher',
    rule: 'draws for each example are a whole number from 1',
    got: String(draws),
    next: '`labels: 1`',
  });
}

/** Doubles are for ONNX Runtime, which has not every kernel for them. */
function checkDouble(values: readonly Value[]): void {
  const lacking = nodesOf(values).filter((node) => !hasDoubleKernel(node, true));
  if (lacking.length === 0) return;
  throw new FimError({
    code: 'compile/double',
    kind: 'unsupported',
    where: 'compileFisher',
    rule: 'ONNX Runtime has no double-precision kernel for every operator of this graph',
    got: [...new Set(lacking.map(({ op }) => op))].join(', '),
    next: "`dtype: 'float32'`",
  });
}

function checkFinite({ weights }: Network): void {
  for (const [name, t] of weights) {
    if (!isFloat(t.dtype)) continue;
    const at = (t.data as Float64Array).findIndex((x) => !Number.isFinite(x));
    if (at < 0) continue;
    throw new FimError({
      code: 'compile/not-finite',
      where: `weight "${name}", entry ${at}`,
      rule: 'weights that a file holds are finite',
      got: String(t.data[at]),
      cause: 'a training that diverged',
      next: 'take weights of an earlier step',
    });
  }
}
