/**
 * @module bench/tools/shared-networks
 *
 * Networks whose weights meet many positions, written as ONNX files with random weights: LeNet (28 × 28), three convolutions (3 × 32 × 32), a
 * transformer with pre-norm blocks and mean pooling, and a residual network of the size of ResNet-18 (convolutions and shifts; batch norm
 * folded in, as exporters leave it).
 */
import { Sequence } from '../../src/core/random.js';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { encodeModel } from '../../src/graph/onnx/proto/index.js';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../../src/graph/onnx/proto/types.js';
import { type LoadedNetwork, loadNetwork } from '../../src/model/load.js';

const ints = (value: readonly number[]): OnnxAttribute => ({ type: 'ints', value });
const int = (value: number): OnnxAttribute => ({ type: 'int', value });

/** A file on its way: nodes and weights, names made up in order. */
class Writer {
  readonly nodes: OnnxNode[] = [];
  readonly weights: OnnxTensor[] = [];
  private readonly draw: Sequence;

  constructor(name: string) {
    this.draw = new Sequence(1, name);
  }

  node(opType: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string {
    const out = `v${this.nodes.length}`;
    this.nodes.push({ name: out, opType, domain: '', inputs, outputs: [out], attributes });
    return out;
  }

  weight(name: string, shape: readonly number[], scale: number, mean = 0): string {
    const length = shape.reduce((p, d) => p * d, 1);
    const data = Float32Array.from({ length }, () => mean + scale * this.draw.normal());
    this.weights.push({ ...tensor('float32', shape, data), name });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    this.weights.push({ ...tensor('int64', [values.length], values), name });
    return name;
  }

  conv(x: string, name: string, [to, from, k]: readonly number[], pad: number, stride = 1): string {
    const w = this.weight(`${name}.weight`, [to, from, k, k], Math.sqrt(2 / (from * k * k)));
    const attributes = { pads: ints([pad, pad, pad, pad]), strides: ints([stride, stride]) };
    return this.node('Conv', [x, w, this.weight(`${name}.bias`, [to], 0.05)], {
      kernel_shape: ints([k, k]),
      ...attributes,
    });
  }

  pool(x: string): string {
    return this.node('MaxPool', [x], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) });
  }

  relu = (x: string): string => this.node('Relu', [x]);
  add = (x: string, y: string): string => this.node('Add', [x, y]);

  /** As `torch.nn.Linear` on [N, in]. */
  linear(x: string, name: string, from: number, to: number): string {
    const w = this.weight(`${name}.weight`, [to, from], Math.sqrt(1 / from));
    return this.node('Gemm', [x, w, this.weight(`${name}.bias`, [to], 0.05)], { transB: int(1) });
  }

  /** The same on [N, tokens, in], the weight transposed as exporters leave it. */
  tokenwise(x: string, name: string, from: number, to: number): string {
    const w = this.weight(`${name}.weight`, [from, to], Math.sqrt(1 / from));
    return this.add(this.node('MatMul', [x, w]), this.weight(`${name}.bias`, [to], 0.05));
  }

  norm(x: string, name: string, width: number): string {
    const gain = this.weight(`${name}.weight`, [width], 0.05, 1);
    return this.node('LayerNormalization', [x, gain, this.weight(`${name}.bias`, [width], 0.05)]);
  }

  file(output: string, shape: readonly number[], outputs: number): Uint8Array {
    this.node('Identity', [output]);
    const last = this.nodes.pop() as OnnxNode;
    this.nodes.push({ ...last, outputs: ['h'] });
    return encodeModel({
      irVersion: 8,
      producerName: 'bench',
      producerVersion: '',
      opsets: [{ domain: '', version: 17 }],
      metadata: {},
      graph: {
        name: 'bench',
        nodes: this.nodes,
        initializers: this.weights,
        inputs: [{ name: 'x', elemType: 'float32', shape: ['n', ...shape] }],
        outputs: [{ name: 'h', elemType: 'float32', shape: ['n', outputs] }],
        valueInfo: [],
      },
    });
  }
}

/** A file and the shape of one example. */
export interface SharedNetwork {
  readonly title: string;
  readonly shape: readonly number[];
  readonly batch: number;
  readonly bytes: () => Uint8Array;
}

function lenet(): Uint8Array {
  const f = new Writer('lenet');
  const a = f.pool(f.relu(f.conv('x', 'conv1', [6, 1, 5], 2)));
  const c = f.pool(f.relu(f.conv(a, 'conv2', [16, 6, 5], 0)));
  const flat = f.node('Flatten', [c]);
  const d = f.relu(f.linear(flat, 'fc1', 400, 120));
  return f.file(f.linear(f.relu(f.linear(d, 'fc2', 120, 84)), 'fc3', 84, 10), [1, 28, 28], 10);
}

function threeConvolutions(): Uint8Array {
  const f = new Writer('three convolutions');
  const a = f.pool(f.relu(f.conv('x', 'conv1', [32, 3, 3], 1)));
  const c = f.pool(f.relu(f.conv(a, 'conv2', [64, 32, 3], 1)));
  const d = f.pool(f.relu(f.conv(c, 'conv3', [64, 64, 3], 1)));
  return f.file(f.linear(f.node('Flatten', [d]), 'fc', 1024, 10), [3, 32, 32], 10);
}

/** Blocks of attention with 4 heads and of a feed-forward network four times as wide, width d, tokens of 32 numbers. */
function transformer(layers: number, d: number, tokens: number, heads = 4): Uint8Array {
  const f = new Writer('transformer');
  const split = f.integers('split', [0, tokens, heads, d / heads]);
  const join = f.integers('join', [0, tokens, d]);
  f.weights.push({ ...tensor('float32', [], [Math.sqrt(heads / d)]), name: 'scale' });
  const position = f.weight('position', [tokens, d], 0.1);
  let x = f.add(f.tokenwise('x', 'embed', 32, d), position);
  for (let l = 0; l < layers; l++) {
    const name = (part: string) => `layer${l}.${part}`;
    const a = f.norm(x, name('norm1'), d);
    const head = (part: string, perm: readonly number[]) =>
      f.node('Transpose', [f.node('Reshape', [f.tokenwise(a, name(part), d, d), split])], {
        perm: ints(perm),
      });
    const [q, k, v] = [head('q', [0, 2, 1, 3]), head('k', [0, 2, 3, 1]), head('v', [0, 2, 1, 3])];
    const weights = f.node('Softmax', [f.node('Mul', [f.node('MatMul', [q, k]), 'scale'])], {
      axis: int(-1),
    });
    const mixed = f.node('Transpose', [f.node('MatMul', [weights, v])], { perm: ints([0, 2, 1, 3]) });
    x = f.add(x, f.tokenwise(f.node('Reshape', [mixed, join]), name('out'), d, d));
    const wide = f.relu(f.tokenwise(f.norm(x, name('norm2'), d), name('ff1'), d, 4 * d));
    x = f.add(x, f.tokenwise(wide, name('ff2'), 4 * d, d));
  }
  const pooled = f.node('ReduceMean', [f.norm(x, 'norm', d)], { axes: ints([1]), keepdims: int(0) });
  return f.file(f.linear(pooled, 'head', d, 10), [tokens, 32], 10);
}

/** Four stages of two residual blocks, 64 to 512 channels, for images of 3 × 32 × 32; 11.2 million parameters. */
function resnet18(): Uint8Array {
  const f = new Writer('resnet');
  let x = f.relu(f.conv('x', 'stem', [64, 3, 3], 1));
  let from = 64;
  for (const [s, to] of [64, 128, 256, 512].entries())
    for (const i of [0, 1]) {
      const name = `stage${s}.${i}`;
      const stride = s > 0 && i === 0 ? 2 : 1;
      const inner = f.relu(f.conv(x, `${name}.conv1`, [to, from, 3], 1, stride));
      const deep = f.conv(inner, `${name}.conv2`, [to, to, 3], 1);
      const short = stride === 1 ? x : f.conv(x, `${name}.short`, [to, from, 1], 0, stride);
      x = f.relu(f.add(deep, short));
      from = to;
    }
  const pooled = f.node('Flatten', [f.node('GlobalAveragePool', [x])]);
  return f.file(f.linear(pooled, 'fc', 512, 10), [3, 32, 32], 10);
}

/** By the word that the bench takes. */
export const SHARED_NETWORKS: Readonly<Record<string, SharedNetwork>> = {
  lenet: { title: 'LeNet, 28 × 28', shape: [1, 28, 28], batch: 64, bytes: lenet },
  cifar: { title: 'three convolutions, 32 × 32', shape: [3, 32, 32], batch: 16, bytes: threeConvolutions },
  transformer: {
    title: 'transformer, d = 256, 4 layers, 64 tokens',
    shape: [64, 32],
    batch: 8,
    bytes: () => transformer(4, 256, 64),
  },
  transformer6: {
    title: 'transformer, d = 384, 6 layers, 64 tokens',
    shape: [64, 32],
    batch: 8,
    bytes: () => transformer(6, 384, 64, 6),
  },
  resnet18: { title: 'ResNet-18, 32 × 32', shape: [3, 32, 32], batch: 4, bytes: resnet18 },
};

/** A network, read as any file is. */
export const openShared = (which: string, dtype: 'float32' | 'float64' = 'float32'): LoadedNetwork =>
  loadNetwork(SHARED_NETWORKS[which].bytes(), { file: which, dtype, likelihood: 'categorical' });

/** n examples. */
export function examplesOf(which: string, n: number): Tensor & { readonly data: Float32Array } {
  const shape = [n, ...SHARED_NETWORKS[which].shape];
  const draw = new Sequence(2, which);
  const data = Float32Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => draw.normal());
  return { dtype: 'float32', shape, data };
}
