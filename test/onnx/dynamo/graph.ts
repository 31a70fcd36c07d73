/**
 * @module test/onnx/dynamo/graph
 *
 * A graph that grows call by call, with the names that PyTorch's present exporter gives: values after the function that made them (`linear`,
 * `linear_1`), those without one `val_0`, `val_1`, …, nodes `node_` and the value.
 */
import { type Tensor, tensor } from '../../../src/core/tensor.js';
import type { OnnxAttribute, OnnxNode, OnnxValueInfo } from '../../../src/graph/onnx/proto/index.js';
import { f32, i64, int, ints } from '../builder.js';
import { drawn } from '../exporters.js';
import { dynamoFile, type DynamoFile, type FileFunction, TORCH_LIB } from './writer.js';

type Attributes = Record<string, OnnxAttribute>;

export class Growing {
  readonly nodes: OnnxNode[] = [];
  readonly weights: Record<string, Tensor> = {};
  readonly constants: Record<string, Tensor> = {};
  readonly functions: FileFunction[] = [];
  private readonly counts = new Map<string, number>();

  /** `linear`, then `linear_1`; `val` counts from `val_0`. */
  private fresh(stem: string): string {
    const n = this.counts.get(stem) ?? 0;
    this.counts.set(stem, n + 1);
    return stem === 'val' ? `val_${n}` : n === 0 ? stem : `${stem}_${n}`;
  }

  /** A node; the name of its result. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    stem = 'val',
    domain = '',
  ): string {
    const name = this.fresh(stem);
    this.nodes.push({ name: `node_${name}`, opType, domain, inputs, outputs: [name], attributes });
    return name;
  }

  /** A node of several results. */
  split(x: string, parts: number, axis: number): string[] {
    const outputs = Array.from({ length: parts }, () => this.fresh('split'));
    const attributes = { axis: int(axis), num_outputs: int(parts) };
    this.nodes.push({
      name: `node_${outputs[0]}`,
      opType: 'Split',
      domain: '',
      inputs: [x],
      outputs,
      attributes,
    });
    return outputs;
  }

  /** A parameter under its own name, in (−1, 1) ÷ 2. */
  parameter(name: string, ...shape: number[]): string {
    const { data } = drawn(name, shape);
    this.weights[name] = f32(
      shape,
      Array.from(data as Float32Array, (v) => v / 2),
    );
    return name;
  }

  /** A buffer: numbers that are none of θ. */
  buffer(name: string, t: Tensor): string {
    this.weights[name] = t;
    return name;
  }

  /** A constant that the exporter made. */
  constant(t: Tensor): string {
    const name = this.fresh('val');
    this.constants[name] = t;
    return name;
  }

  ints = (...values: number[]): string => this.constant(i64(...values));
  number = (value: number): string => this.constant(f32([], [value]));

  /** nn.Linear of rows [N, in]. */
  linear(x: string, name: string, from: number, to: number): string {
    const w = this.parameter(`${name}.weight`, to, from);
    return this.op('Gemm', [x, w, this.parameter(`${name}.bias`, to)], { transB: int(1) }, 'linear');
  }

  /** nn.Linear of tokens [N, S, in]. */
  tokens(x: string, name: string, from: number, to: number): string {
    const w = this.op('Transpose', [this.parameter(`${name}.weight`, to, from)], { perm: ints(1, 0) });
    const product = this.op('MatMul', [x, w]);
    return this.op('Add', [product, this.parameter(`${name}.bias`, to)], {}, 'linear');
  }

  /** The number of examples of x, [1]. */
  batchOf = (x: string): string => this.op('Shape', [x], { start: int(0), end: int(1) });

  /** x as [N, …lengths]. */
  view(x: string, like: string, ...lengths: number[]): string {
    const shape = this.op('Concat', [this.batchOf(like), this.ints(...lengths)], { axis: int(0) });
    return this.op('Reshape', [x, shape], { allowzero: int(1) }, 'view');
  }

  /** A call of a function that was not inlined. */
  call(f: FileFunction, inputs: readonly string[], stem: string): string {
    if (!this.functions.includes(f)) this.functions.push(f);
    return this.op(f.name, inputs, {}, stem, TORCH_LIB);
  }

  file(opset: 18 | 20, inputs: readonly OnnxValueInfo[], outputs: readonly OnnxValueInfo[]): DynamoFile {
    const { nodes, weights, constants, functions } = this;
    return dynamoFile({ opset, inputs, outputs, nodes, weights, constants, functions });
  }
}

/** Integers of a shape, below `below`. */
export const tokensOf = (below: number, ...shape: number[]): Tensor =>
  tensor(
    'int64',
    shape,
    BigInt64Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) =>
      BigInt((7 * i + (i >> 2)) % below),
    ),
  );
