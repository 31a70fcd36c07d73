/**
 * @module bench/baselines/byHand
 *
 * The diagonal Fisher of one network, 784-128-128-10 with ReLU and softmax, as somebody who knows the mathematics and ONNX Runtime
 * would write it for this network alone: one session from x to the sums, softmax and cotangents inside, no host step.
 *
 *   exact       f = Σ_c p_c g_c²  (g_c the gradient of log p_c at a layer's output), Σ_x f ⊗ a² for each weight
 *   data        also Σ_x f² ⊗ a⁴ and ‖s_c‖² of each tensor
 *   both        also Σ_x v ⊗ a⁴,  v = Σ_c p_c (g_c² − f)²
 *   label       one sampled class in place of the sum, by inverse CDF from a uniform number an example
 *   signs       one Rademacher vector ξ an example: cotangent √p ∘ ξ − p (√pᵀξ)
 */
import * as ort from 'onnxruntime-node';
import { tensor } from '../../src/core/tensor.js';
import type { Network } from '../../src/model/index.js';
import { Sheet } from '../tools/sheet.js';

export type ByHand = 'exact' | 'data' | 'both' | 'label' | 'signs';

const LAYERS = ['fc1', 'fc2', 'fc3'] as const;
const WIDTHS = [784, 128, 128, 10] as const;
const CLASSES = 10;

export interface HandRun {
  run(): Promise<Readonly<Record<string, ort.Tensor>>>;
}

/**
 * Outputs by the parameters' names: `f/…` sums of f; for `both` and `data`, `f2/…` sums of f² and `q/…` [N, 10] squared norms; for
 * `both`, `v/…` sums of v after those of f² in one array. `random` [N, 1] uniform numbers for `label`, [N, 10] signs for `signs`.
 */
export async function byHand(
  kind: ByHand,
  network: Network,
  x: Float32Array,
  N: number,
  random: Float32Array | null = null,
): Promise<HandRun> {
  const s = new Sheet();
  const feeds: Record<string, ort.Tensor> = {};
  const feed = (name: string, shape: number[], data: Float32Array): string => {
    feeds[name] = new ort.Tensor('float32', data, shape);
    return s.input(name, shape);
  };
  const weightOf = (name: string) => (network.weights.get(name) as { data: unknown }).data as Float32Array;
  const W = LAYERS.map((l, i) => feed(`${l}.weight`, [WIDTHS[i + 1], WIDTHS[i]], weightOf(`${l}.weight`)));
  const b = LAYERS.map((l, i) => feed(`${l}.bias`, [WIDTHS[i + 1]], weightOf(`${l}.bias`)));
  const a = [feed('x', [N, WIDTHS[0]], x)];

  // Forward.
  const zero = s.constant(tensor('float32', [], [0]));
  const mask: string[] = [];
  let h = '';
  for (let l = 0; l < 3; l++) {
    h = s.node('Gemm', [a[l], W[l], b[l]], { transB: 1 });
    if (l === 2) break;
    a.push(s.node('Relu', [h]));
    mask.push(s.node('Cast', [s.node('Greater', [h, zero])], { to: 1 }));
  }
  const p = s.node('Softmax', [h], { axis: 1 });

  // Cotangents of h: [N, 10, 10] of all classes, or [N, 10] of one draw.
  const all = kind === 'exact' || kind === 'data' || kind === 'both';
  const rows = s.integers([N, 1, CLASSES]);
  const weights = all ? s.node('Reshape', [p, rows]) : '';
  let g: string;
  if (all) {
    const eye = Array.from({ length: CLASSES ** 2 }, (_, i) => (i % (CLASSES + 1) === 0 ? 1 : 0));
    g = s.node('Sub', [s.constant(tensor('float32', [CLASSES, CLASSES], eye)), weights]);
  } else if (kind === 'label') {
    const u = feed('u', [N, 1], random as Float32Array);
    const below = s.node('CumSum', [p, s.constant(tensor('int64', [], [1]))]);
    const from = s.node('Less', [s.node('Sub', [below, p]), u]);
    const last = s.node('Not', [s.node('Less', [below, u])]);
    g = s.node('Sub', [s.node('Cast', [s.node('And', [from, last])], { to: 1 }), p]);
  } else {
    const signed = s.node('Mul', [s.node('Sqrt', [p]), feed('signs', [N, CLASSES], random as Float32Array)]);
    const sum = s.node('ReduceSum', [signed, s.integers([1])], { keepdims: 1 });
    g = s.node('Sub', [signed, s.node('Mul', [p, sum])]);
  }

  // Backward, a layer at a time.
  const ones = s.constant(tensor('float32', [1, N], new Array<number>(N).fill(1)));
  for (let l = 2; l >= 0; l--) {
    const [layer, out] = [LAYERS[l], WIDTHS[l + 1]];
    const squares = s.node('Mul', [g, g]);
    const flat = s.integers([N, out]);
    const f3 = all ? s.node('MatMul', [weights, squares]) : '';
    const f = all ? s.node('Reshape', [f3, flat]) : squares;
    const a2 = s.node('Mul', [a[l], a[l]]);
    s.output(`f/${layer}.weight`, s.node('Gemm', [f, a2], { transA: 1 }));
    s.output(`f/${layer}.bias`, s.node('MatMul', [ones, f]));
    if (kind === 'data' || kind === 'both') {
      let fourth = s.node('Mul', [f, f]);
      if (kind === 'both') {
        const centred = s.node('Sub', [squares, f3]);
        const v = s.node('MatMul', [weights, s.node('Mul', [centred, centred])]);
        fourth = s.node('Concat', [fourth, s.node('Reshape', [v, flat])], { axis: 1 });
      }
      s.output(`f2/${layer}.weight`, s.node('Gemm', [fourth, s.node('Mul', [a2, a2])], { transA: 1 }));
      s.output(`f2/${layer}.bias`, s.node('MatMul', [ones, fourth]));
      const norms = s.node('ReduceSum', [squares, s.integers([2])], { keepdims: 0 });
      s.output(`q/${layer}.bias`, norms);
      const inputs = s.node('ReduceSum', [a2, s.integers([1])], { keepdims: 1 });
      s.output(`q/${layer}.weight`, s.node('Mul', [norms, inputs]));
    }
    if (l === 0) break;
    const back = s.node('MatMul', [g, W[l]]);
    const slope = all ? s.node('Reshape', [mask[l - 1], s.integers([N, 1, WIDTHS[l]])]) : mask[l - 1];
    g = s.node('Mul', [back, slope]);
  }
  const session = await s.session();
  return { run: () => session.run(feeds) };
}
