/**
 * The networks of test/fixtures/models as the library loads them, with the reference numbers that PyTorch computed for them. The two
 * layouts of reference.json are read into one.
 */
import { readFileSync } from 'node:fs';
import { castTensor, type FloatType, type Tensor, toFloat64 } from '../../src/core/tensor.js';
import { openArrays } from '../../src/data/arrays.js';
import type { Labels, Likelihood } from '../../src/likelihood/index.js';
import { loadNetwork } from '../../src/model/load.js';
import type { Network } from '../../src/model/network.js';

export const DENSE = [
  'digits-mlp-tanh',
  'digits-mlp-relu',
  'digits-mlp-sigmoid-small',
  'digits-mlp-double',
  'digits-multilabel',
  'diabetes-regression',
  'wine-multilabel',
] as const;

/** Networks with convolutions and pools. */
export const CONVOLUTIONAL = ['digits-lenet'] as const;
/** Those of which the fixture holds totals and no arrays. */
export const RESIDUAL = ['digits-resnet', 'digits-resnet-folded'] as const;

export type FixtureName =
  (typeof DENSE)[number] | (typeof CONVOLUTIONAL)[number] | (typeof RESIDUAL)[number] | 'golden-4-5-3';

/** The arrays of reference.npz. */
export type Quantity = 'fisher_diag' | 'empirical_diag' | 'type1_label_se' | 'data_se';

/** Totals, of everything and by tensor where the file has them. */
export interface ReferenceTotals {
  readonly trace: number;
  readonly empirical: number;
  readonly labelError: number;
  readonly dataError: number;
  readonly traces: Readonly<Record<string, number>>;
  readonly empiricals: Readonly<Record<string, number>>;
  readonly labelErrors: Readonly<Record<string, number>>;
  readonly dataErrors: Readonly<Record<string, number>>;
}

export interface Fixture {
  readonly name: string;
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly n: number;
  readonly x: Tensor;
  readonly targets: Labels;
}

const url = (name: string, file: string) => new URL(`../fixtures/models/${name}/${file}`, import.meta.url);
const bytes = (name: string, file: string) => new Uint8Array(readFileSync(url(name, file)));
const json = (name: string): unknown => JSON.parse(readFileSync(url(name, 'reference.json'), 'utf8'));

const likelihoodOf = (name: string): string =>
  name === 'golden-4-5-3' ? 'categorical' : (json(name) as { likelihood: string }).likelihood;

/** A network with its data, computed in `dtype`. */
export function fixture(name: FixtureName, dtype: FloatType = 'float64', variance = 1): Fixture {
  const family = likelihoodOf(name);
  const { network, likelihood } = loadNetwork(bytes(name, 'model.onnx'), {
    file: `${name}/model.onnx`,
    dtype,
    likelihood: family,
    likelihoodOptions: family === 'gaussian' ? { variance } : {},
  });
  const data = openArrays(bytes(name, 'data.npz'), 'data.npz');
  const x = castTensor(data.get('x'), dtype);
  const n = x.shape[0];
  const targets = likelihood.readTargets(data.get('y'), n, network.h.shape[1] as number);
  return { name, network, likelihood, n, x, targets };
}

/** One array of reference.npz by parameter. */
export function referenceArrays(name: FixtureName, quantity: Quantity): Map<string, Float64Array> {
  const arrays = openArrays(bytes(name, 'reference.npz'), 'reference.npz');
  const prefix = `${quantity}/`;
  return new Map(
    arrays.names
      .filter((n) => n.startsWith(prefix))
      .map((n) => [n.slice(prefix.length), toFloat64(arrays.get(n))]),
  );
}

/** One array of reference.npz by its whole name. */
export const arrayOf = (name: FixtureName, array: string): Float64Array =>
  toFloat64(openArrays(bytes(name, 'reference.npz'), 'reference.npz').get(array));

/** reference.json as it stands. */
export const referenceJson = json;

interface NestedTotals {
  fisher: number;
  empirical: number;
  fisher_type1_label_se: number;
  fisher_data_se: number;
  fisher_by_parameter: Record<string, number>;
  empirical_by_parameter: Record<string, number>;
  fisher_type1_label_se_by_parameter: Record<string, number>;
  fisher_data_se_by_parameter: Record<string, number>;
}

/** Traces and their errors. */
export function referenceTotals(name: FixtureName): ReferenceTotals {
  const r = json(name) as Record<string, never>;
  if (r.traces) {
    const t = r.traces as NestedTotals;
    return {
      trace: t.fisher,
      empirical: t.empirical,
      labelError: t.fisher_type1_label_se,
      dataError: t.fisher_data_se,
      traces: t.fisher_by_parameter,
      empiricals: t.empirical_by_parameter,
      labelErrors: t.fisher_type1_label_se_by_parameter,
      dataErrors: t.fisher_data_se_by_parameter,
    };
  }
  return {
    trace: r.trace,
    empirical: r.empirical_trace,
    labelError: r.trace_type1_label_se,
    dataError: r.trace_data_se,
    traces: r.tensor_traces,
    empiricals: {},
    labelErrors: {},
    dataErrors: {},
  };
}
