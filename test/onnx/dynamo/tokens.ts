/** @module test/onnx/dynamo/tokens — networks of tokens: a tied embedding, attention, a class token. */
import { info, int, ints } from '../builder.js';
import { Growing } from './graph.js';
import type { Fixture } from './index.js';

/** Scaled dot products of two heads, decomposed: the root of the scale on either side. */
function attention(g: Growing, x: string, like: string, length: number): string {
  const [q, k, v] = ['q', 'k', 'v'].map((name) =>
    g.op(
      'Transpose',
      [g.view(g.tokens(x, name, 4, 4), like, length, 2, 2)],
      { perm: ints(0, 2, 1, 3) },
      'transpose',
    ),
  );
  const root = g.number(Math.fround(2 ** -0.25));
  const keys = g.op('Transpose', [k], { perm: ints(0, 1, 3, 2) });
  const product = g.op('MatMul', [g.op('Mul', [q, root]), g.op('Mul', [keys, root])]);
  const mixed = g.op(
    'MatMul',
    [g.op('Softmax', [product], { axis: int(-1) }), v],
    {},
    'scaled_dot_product_attention',
  );
  const back = g.op('Transpose', [mixed], { perm: ints(0, 2, 1, 3) }, 'transpose');
  return g.tokens(g.view(back, like, length, 4), 'out', 4, 4);
}

const QKV = ['q', 'k', 'v', 'out'].flatMap((m) => [`${m}.weight`, `${m}.bias`]);

export const TOKENS: readonly Fixture[] = [
  {
    name: 'embedding-tied',
    likelihood: 'categorical',
    inputs: { input_ids: { shape: [3], below: 6 } },
    parameters: ['emb.weight', 'fc.weight', 'fc.bias'],
    make: () => {
      const g = new Growing();
      const e = g.op('Gather', [g.parameter('emb.weight', 6, 4), 'input_ids'], { axis: int(0) }, 'embedding');
      const t = g.op('Tanh', [g.tokens(e, 'fc', 4, 4)], {}, 'tanh');
      const head = g.op('Transpose', ['emb.weight'], { perm: ints(1, 0) });
      const out = g.op('MatMul', [t, head], {}, 'linear');
      return g.file(18, [info('input_ids', 'int64', ['batch', 3])], [info(out, 'float32', ['batch', 3, 6])]);
    },
  },
  {
    name: 'attention',
    likelihood: 'categorical',
    inputs: { x: { shape: [3, 4] } },
    parameters: [...QKV, 'fc.weight', 'fc.bias'],
    make: () => {
      const g = new Growing();
      const mixed = g.op('Add', ['x', attention(g, 'x', 'x', 3)], {}, 'add');
      const mean = g.op(
        'ReduceMean',
        [mixed, g.ints(1)],
        { keepdims: int(0), noop_with_empty_axes: int(0) },
        'mean',
      );
      const out = g.linear(mean, 'fc', 4, 3);
      return g.file(20, [info('x', 'float32', ['s77', 3, 4])], [info(out, 'float32', ['s77', 3])]);
    },
  },
  {
    name: 'class-token',
    // A parameter or a buffer: nothing in the file tells.
    doubts: ['cls_token'],
    likelihood: 'categorical',
    inputs: { x: { shape: [2, 4] } },
    parameters: ['cls_token', ...QKV, 'fc.weight', 'fc.bias'],
    make: () => {
      const g = new Growing();
      const token = g.parameter('cls_token', 1, 1, 4);
      const shape = g.op('Concat', [g.batchOf('x'), g.ints(-1, -1)], { axis: int(0) });
      const ones = g.op('Abs', [shape]);
      const each = g.op('Expand', [token, ones], {}, 'expand');
      const all = g.op('Concat', [each, 'x'], { axis: int(1) }, 'cat');
      const mixed = attention(g, all, 'x', 3);
      const first = g.op('Gather', [mixed, g.constant(scalar(0))], { axis: int(1) }, 'select');
      const out = g.linear(first, 'fc', 4, 3);
      return g.file(18, [info('x', 'float32', ['batch', 2, 4])], [info(out, 'float32', ['batch', 3])]);
    },
  },
];

const scalar = (value: number) => ({
  dtype: 'int64' as const,
  shape: [],
  data: BigInt64Array.of(BigInt(value)),
});
