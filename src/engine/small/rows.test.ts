/** In the small engine a row's bits depend on the row alone: not on the size of its batch, nor on what stands beside it. */
import { describe, expect, it } from 'vitest';
import { hashString, Sequence } from '../../core/random.js';
import { type FloatType, sizeOf, tensor } from '../../core/tensor.js';
import { constant, graph, type Graph, input, N, ops, type Value, vjp } from '../../graph/index.js';
import { createSmallEngine, type SmallOptions } from './index.js';
import { hostRuns } from './kernels/index.js';

interface Net {
  readonly x: Value;
  readonly params: readonly Value[];
  readonly outputs: Record<string, Value>;
}

/** Everything that a Fisher asks of a network: outputs, per-example gradients of all, and cotangents with leading axes. */
function withScores(x: Value, params: readonly Value[], h: Value, p: Value): Net {
  const { dtype } = x;
  const ones = ops.add(ops.scale(p, 0), ops.scalar(1, dtype));
  const single = vjp([h], [ops.sub(p, ones)], [x, ...params], { perExample: true });
  // All classes in one pass: the rows of diag(p) − p pᵀ, [N, T, T].
  const t = h.shape[1] as number;
  const eye = tensor(
    dtype,
    [t, t],
    Array.from({ length: t * t }, (_, i) => (i % (t + 1) === 0 ? 1 : 0)),
  );
  const many = ops.sub(ops.mul(ops.unsqueeze(p, [2]), constant(eye)), outer(p));
  const lead = vjp([h], [many], [x, ...params], { lead: [t], perExample: true });
  const outputs: Record<string, Value> = { h, p };
  single.forEach((g, i) => (outputs[`single${i}`] = g!));
  lead.forEach((g, i) => (outputs[`lead${i}`] = ops.reduceSum(ops.square(g!), [1])));
  return { x, params, outputs };
}

const outer = (p: Value): Value => ops.mul(ops.unsqueeze(p, [2]), ops.unsqueeze(p, [1]));

function dense(dtype: FloatType): Net {
  const sizes = [5, 33, 18, 3];
  const x = input('x', dtype, [N, 5]);
  const params: Value[] = [];
  let h: Value = x;
  sizes.slice(1).forEach((to, l) => {
    const [w, b] = [input(`w${l}`, dtype, [sizes[l], to]), input(`b${l}`, dtype, [to])];
    params.push(w, b);
    h = ops.add(ops.matmul(h, w), b);
    if (l < 2) h = l === 0 ? ops.tanh(h) : ops.mul(h, ops.sigmoid(h));
  });
  return withScores(x, params, h, ops.softmax(h, 1));
}

/** Weights kept [out, in], as PyTorch exports them, and independent outputs. */
function transposed(dtype: FloatType): Net {
  const x = input('x', dtype, [N, 7]);
  const [w, v] = [input('w', dtype, [21, 7]), input('v', dtype, [2, 21])];
  const h = ops.matmul(ops.softplus(ops.matmul(x, ops.swapLast(w))), ops.swapLast(v));
  return withScores(x, [w, v], h, ops.sigmoid(h));
}

/** Tokens that attend to each other: stacks of small products, softmax inside, a norm. */
function attention(dtype: FloatType): Net {
  const x = input('x', dtype, [N, 3, 5]);
  const [q, k, o] = [input('q', dtype, [5, 6]), input('k', dtype, [5, 6]), input('o', dtype, [5, 2])];
  const scores = ops.matmul(ops.matmul(x, q), ops.swapLast(ops.matmul(x, k)));
  const mixed = ops.add(x, ops.matmul(ops.softmax(scores, 2), x));
  const centred = ops.sub(mixed, ops.reduceMean(mixed, [2], true));
  const norm = ops.sqrt(ops.shift(ops.reduceMean(ops.square(centred), [2], true), 1e-5));
  const pooled = ops.reduceMax(ops.div(centred, norm), [1]);
  const h = ops.matmul(pooled, o);
  return withScores(x, [q, k, o], h, ops.softmax(h, 1));
}

const graphOf = ({ x, params, outputs }: Net): Graph =>
  graph(Object.fromEntries([x, ...params].map((v) => [v.name, v])), outputs);

const BUILDS = (['typescript', 'simd128', 'relaxed'] as const).filter(
  (b) => b === 'typescript' || hostRuns(b),
);
const NETS = { dense, transposed, attention };

describe.each(BUILDS.flatMap((build) => (['float32', 'float64'] as const).map((d) => [build, d] as const)))(
  '%s %s',
  (build: SmallOptions['build'] & string, dtype) => {
    it.each(Object.entries(NETS))('%s: the same bits alone, in any batch, in any order', (name, make) => {
      const s = new Sequence(hashString(name), 'rows');
      const engine = createSmallEngine({ build });
      const store = engine.store();
      const net = make(dtype);
      const draw = (shape: readonly number[]) =>
        tensor(
          dtype,
          shape,
          Array.from({ length: sizeOf(shape) }, () => 0.5 * s.normal()),
        );
      for (const p of net.params) store.set(p.name, draw(p.shape as number[]));
      const n = 21;
      const program = engine.compileSync(graphOf(net), { maxBatch: n, store });
      const each = sizeOf(net.x.shape.slice(1) as number[]);
      const rows = Array.from({ length: n }, () => draw([each]).data);
      const names = program.outputs.map((o) => o.name);
      /** Of each row of a batch, all outputs. */
      const results = (batch: readonly number[]) => {
        const all = draw([batch.length * each]).data as Float64Array;
        batch.forEach((r, i) => all.set(rows[r], each * i));
        program.setInput('x', all);
        program.run(batch.length);
        return batch.map((_, i) =>
          names.map((output) => {
            const out = program.output(output) as Float64Array;
            const size = out.length / batch.length;
            return out.slice(i * size, (i + 1) * size);
          }),
        );
      };
      const order = Array.from({ length: n }, (_, i) => i);
      const whole = results(order);
      const compare = (batch: readonly number[]) =>
        results(batch).forEach((row, i) => expect(row).toEqual(whole[batch[i]]));
      for (const r of order.slice(0, 8)) compare([r]);
      compare([...order].reverse());
      for (const size of [2, 3, 4, 5, 7, 8, 16]) compare(order.slice(n - size));
      expect(whole[0].flatMap((o) => Array.from(o)).every(Number.isFinite)).toBe(true);
    });
  },
);
