/**
 * @module test/onnx/mutations/mutate
 *
 * Mutations of a network by keyed draws: one to three of its bytes, attributes, shapes, axes, element types, numbers, wires, operators or
 * its opset. Each is a function of (seed, index).
 */
import { Sequence } from '../../../src/core/random.js';
import { type DType, isFloat, sizeOf, type Tensor, tensor, toFloat64 } from '../../../src/core/tensor.js';
import { COVERED } from '../../../src/graph/onnx/index.js';
import {
  encodeModel,
  isDense,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../../src/graph/onnx/proto/index.js';
import { node } from '../builder.js';
import { SEEDS } from './seeds.js';

/** A mutated file. */
export interface Mutant {
  readonly bytes: Uint8Array;
  /** The network it comes from, and what was changed. */
  readonly label: string;
}

class Draws extends Sequence {
  pick<T>(list: readonly T[]): T {
    return list[this.integer(list.length)];
  }
}

type Mutation = (m: OnnxModel, s: Draws) => OnnxModel;

const withGraph = (m: OnnxModel, g: Partial<OnnxGraph>): OnnxModel => ({ ...m, graph: { ...m.graph, ...g } });

/** The list with one of its elements another. */
function changed<T>(list: readonly T[], s: Draws, f: (x: T) => T): T[] {
  if (list.length === 0) return [];
  const at = s.integer(list.length);
  return list.map((x, i) => (i === at ? f(x) : x));
}

const NUMBERS = [0, 1, -1, 2, 3, 4, -2, 5, 7, 2 ** 31 - 1, 2 ** 63, -(2 ** 63), 1000];
const another = (x: number, s: Draws): number =>
  s.integer(3) === 0 ? s.pick(NUMBERS) : s.pick([x + 1, x - 1, -x, 2 * x]);

function list(xs: readonly number[], s: Draws): number[] {
  switch (s.integer(5)) {
    case 0:
      return xs.slice(0, -1);
    case 1:
      return [...xs, s.pick(NUMBERS)];
    case 2:
      return [...xs].reverse();
    default:
      return changed(xs, s, (x) => another(x, s));
  }
}

const WORDS =
  'SAME_UPPER SAME_LOWER VALID NOTSET constant reflect edge wrap nearest linear cubic half_pixel asymmetric align_corners pytorch_half_pixel add mul max min none mean sum LEFT RIGHT floor ceil DCR CRD forward reverse bidirectional Relu Tanh Sigmoid tanh'.split(
    ' ',
  );

function attribute(a: OnnxAttribute, s: Draws): OnnxAttribute {
  switch (a.type) {
    case 'int':
      return { type: 'int', value: another(a.value, s) };
    case 'ints':
      return { type: 'ints', value: list(a.value, s) };
    case 'float':
      return { type: 'float', value: s.pick([0, 1, -1, -a.value, 2 * a.value, 1e-3, 3]) };
    case 'floats':
      return { type: 'floats', value: list(a.value, s) };
    case 'string':
      return { type: 'string', value: s.pick(WORDS) };
    case 'tensor':
      return { type: 'tensor', value: numbers(a.value, s) };
    default:
      return a;
  }
}

const KNOWN = [
  ...'axis axes keepdims to perm allowzero exclusive reverse largest sorted group ceil_mode count_include_pad batch_dims select_last_index noop_with_empty_axes blocksize stash_type linear_before_reset layout transA transB'.split(
    ' ',
  ),
];

const attributes: Mutation = (m, s) =>
  withGraph(m, {
    nodes: changed(m.graph.nodes, s, (n) => {
      const names = Object.keys(n.attributes);
      if (names.length === 0 || s.integer(6) === 0) {
        const value: OnnxAttribute =
          s.integer(2) === 0
            ? { type: 'int', value: s.integer(7) - 3 }
            : { type: 'ints', value: [s.integer(6) - 3] };
        return { ...n, attributes: { ...n.attributes, [s.pick(KNOWN)]: value } };
      }
      const name = s.pick(names);
      if (s.integer(5) > 0)
        return { ...n, attributes: { ...n.attributes, [name]: attribute(n.attributes[name], s) } };
      return {
        ...n,
        attributes: Object.fromEntries(Object.entries(n.attributes).filter(([k]) => k !== name)),
      };
    }),
  });

/** Other numbers in a tensor of the file. */
function numbers(t: OnnxTensor, s: Draws): OnnxTensor {
  if (!isDense(t) || t.data.length === 0) return t;
  const data = Array.from(toFloat64(t));
  const at = s.integer(data.length);
  data[at] = isFloat(t.dtype) ? s.pick([0, 1, -1, -data[at], 2 * data[at], 0.5]) : another(data[at], s);
  return { ...filled(t.dtype, t.shape, data), name: t.name };
}

function filled(dtype: DType, shape: readonly number[], from: readonly number[]): Tensor {
  const size = sizeOf(shape);
  const data = Array.from({ length: size }, (_, i) => from[i % Math.max(from.length, 1)] ?? 0);
  if (isFloat(dtype)) return tensor(dtype, shape, data);
  const [low, high] =
    dtype === 'bool'
      ? [0, 1]
      : dtype === 'uint8'
        ? [0, 255]
        : dtype === 'int8'
          ? [-128, 127]
          : [-(2 ** 31), 2 ** 31 - 1];
  const whole = data.map((x) => Math.min(Math.max(Math.trunc(x) || 0, low), high));
  return dtype === 'int64'
    ? {
        dtype,
        shape: [...shape],
        data: BigInt64Array.from(data, (x) =>
          BigInt.asIntN(64, BigInt(Number.isFinite(x) ? Math.trunc(x) : 0)),
        ),
      }
    : tensor(dtype, shape, whole);
}

const TYPES: readonly DType[] = ['float32', 'float64', 'int64', 'int32', 'bool', 'uint8', 'int8'];

const values: Mutation = (m, s) =>
  withGraph(m, { initializers: changed(m.graph.initializers, s, (t) => numbers(t, s)) });

const shapes: Mutation = (m, s) =>
  withGraph(m, {
    initializers: changed(m.graph.initializers, s, (t) => {
      if (!isDense(t)) return t;
      const { shape } = t;
      const other = s.pick([
        [...shape].reverse(),
        [1, ...shape],
        [...shape, 1],
        shape.slice(1),
        changed(shape, s, (d) => s.pick([d + 1, Math.max(d - 1, 0), 1, 2 * d])),
        [sizeOf(shape)],
      ]);
      return { ...filled(t.dtype, other, Array.from(toFloat64(t))), name: t.name };
    }),
  });

const types: Mutation = (m, s) =>
  withGraph(m, {
    initializers: changed(m.graph.initializers, s, (t) =>
      isDense(t) ? { ...filled(s.pick(TYPES), t.shape, Array.from(toFloat64(t))), name: t.name } : t,
    ),
  });

const inputs: Mutation = (m, s) =>
  withGraph(m, {
    inputs: changed(m.graph.inputs, s, (v) => {
      if (s.integer(5) === 0) return { ...v, elemType: s.pick(TYPES) };
      const shape = v.shape ?? [];
      const other = s.pick([
        [...shape].reverse(),
        [...shape, 1],
        shape.slice(0, -1),
        changed(shape, s, (d) =>
          typeof d === 'number' ? s.pick([d + 1, Math.max(d - 1, 1), 1]) : s.pick([1, 2, 3]),
        ),
        [1, ...shape],
      ]);
      return { ...v, shape: other };
    }),
  });

const namesOf = (g: OnnxGraph): string[] => [
  ...g.inputs.map((v) => v.name),
  ...g.initializers.map((t) => t.name),
  ...g.nodes.flatMap((n) => n.outputs),
];

const wires: Mutation = (m, s) => {
  const names = namesOf(m.graph);
  const rewired = (n: OnnxNode): OnnxNode => {
    switch (s.integer(6)) {
      case 0:
        return { ...n, inputs: n.inputs.slice(0, -1) };
      case 1:
        return { ...n, inputs: changed(n.inputs, s, () => '') };
      case 2:
        return { ...n, inputs: [...n.inputs].reverse() };
      case 3:
        return { ...n, inputs: [...n.inputs, s.pick(names)] };
      default:
        return { ...n, inputs: changed(n.inputs, s, () => s.pick(names)) };
    }
  };
  return withGraph(m, { nodes: changed(m.graph.nodes, s, rewired) });
};

const operators: Mutation = (m, s) =>
  withGraph(m, { nodes: changed(m.graph.nodes, s, (n) => ({ ...n, opType: s.pick(COVERED), domain: '' })) });

/** A node before one of the operands of another, or behind the output. */
const insertions: Mutation = (m, s) => {
  const { nodes } = m.graph;
  const at = s.integer(nodes.length);
  const reader = nodes[at];
  const made = `made_${nodes.length}`;
  if (reader.inputs.length === 0) return m;
  const i = s.integer(reader.inputs.length);
  const more = s.pick([
    node('Transpose', [reader.inputs[i]], made),
    node('Identity', [reader.inputs[i]], made),
    node('Neg', [reader.inputs[i]], made),
    node('Flatten', [reader.inputs[i]], made),
    node('Shape', [reader.inputs[i]], made),
    node('Relu', [reader.inputs[i]], made),
    node('Cast', [reader.inputs[i]], made, { to: { type: 'int', value: s.pick([1, 6, 7, 9, 11]) } }),
    node('Concat', [reader.inputs[i], reader.inputs[i]], made, {
      axis: { type: 'int', value: s.integer(3) - 1 },
    }),
  ]);
  const changedReader = { ...reader, inputs: reader.inputs.map((name, k) => (k === i ? made : name)) };
  return withGraph(m, { nodes: [...nodes.slice(0, at), more, changedReader, ...nodes.slice(at + 1)] });
};

const opsets: Mutation = (m, s) => ({
  ...m,
  opsets: changed(m.opsets, s, (o) => ({ ...o, version: 7 + s.integer(18) })),
});

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  attributes,
  values,
  shapes,
  types,
  inputs,
  wires,
  operators,
  insertions,
  opsets,
};

function bytesChanged(bytes: Uint8Array, s: Draws): Uint8Array {
  const copy = bytes.slice();
  for (let k = 1 + s.integer(3); k > 0; k--) {
    const at = s.integer(copy.length);
    copy[at] = s.pick([copy[at] ^ (1 << s.integer(8)), s.integer(256), 0, 0xff, copy[at] + 1]);
  }
  return s.integer(12) === 0 ? copy.slice(0, s.integer(copy.length)) : copy;
}

/** Mutant number `index` of a seed. */
export function mutant(seed: number, index: number): Mutant {
  const s = new Draws(seed, `mutant ${index}`);
  // Every network in turn, so that each has its share.
  const { name, model } = SEEDS[index % SEEDS.length];
  if (s.integer(6) === 0) return { bytes: bytesChanged(encodeModel(model), s), label: `${name}: bytes` };
  const kinds = Array.from({ length: 1 + s.integer(3) }, () => s.pick(Object.keys(MUTATIONS)));
  const mutated = kinds.reduce((m, kind) => MUTATIONS[kind](m, s), model);
  return { bytes: encodeModel(mutated), label: `${name}: ${kinds.join(', ')}` };
}
