/** Plans of random graphs: whatever shares memory, is read through a view or overwritten in place, the answer is the oracle's. */
import { describe, expect, it } from 'vitest';
import { hashString, Sequence } from '../../core/random.js';
import { sizeOf, tensor } from '../../core/tensor.js';
import {
  concrete,
  constant,
  graph,
  type Graph,
  input,
  N,
  ops,
  sameDims,
  type Shape,
  type Value,
} from '../../graph/index.js';
import { evaluate } from '../oracle/evaluate.js';
import { createSmallEngine } from './index.js';

const SHAPES: readonly Shape[] = [[N, 4], [4], [N, 1], [1, 4], [N, 3, 4], [4, 4], [3, N, 4], []];

/** A random graph of about `size` nodes with a handful of outputs, every intermediate value bounded. */
function randomGraph(s: Sequence, size: number): Graph {
  const inputs = SHAPES.map((shape, i) => input(`x${i}`, 'float64', shape));
  const pool: Value[] = [
    ...inputs,
    constant(tensor('float64', [4], [1, -0.5, 2, 0.25])),
    ops.scalar(0.75, 'float64'),
  ];
  // Recent values are taken more often, so that chains grow long and old values die at all ages.
  const any = (): Value => pool[Math.floor(pool.length * Math.sqrt(s.next()))];
  const like = (shape: Shape): Value => {
    for (let i = 0; i < 20; i++) {
      const v = any();
      if (sameDims(v.shape, shape)) return v;
    }
    return pool[1];
  };
  const swap = (v: Value): Value => (v.shape.length >= 2 ? ops.swapLast(v) : v);
  const makers: (() => Value)[] = [
    () => ops.tanh(any()),
    () => ops.neg(any()),
    () => ops.add(any(), any()),
    () => ops.sub(any(), any()),
    () => ops.mul(ops.tanh(any()), ops.sigmoid(any())),
    () => ops.maximum(any(), any()),
    () => ops.where(ops.greater(any(), any()), any(), any()),
    () => ops.square(ops.sigmoid(any())),
    () => swap(any()),
    () => swap(ops.tanh(swap(any()))),
    () => ops.matmul(ops.tanh(any()), ops.tanh(swap(like([4, 4])))),
    () => ops.matmul(ops.tanh(any()), swap(ops.tanh(any()))),
    () => ops.add(ops.matmul(ops.tanh(any()), like([4, 4])), like([4])),
    () => {
      const x = any();
      return ops.softmax(x, x.shape.length - 1);
    },
    () => {
      const x = any();
      return ops.reduceSum(ops.tanh(x), [x.shape.length - 1], true);
    },
    () => ops.slice(any(), 1, 1, 3),
    () => ops.concat([ops.slice(like([N, 4]), 1, 0, 2), ops.slice(like([N, 4]), 1, 1, 3)], 1),
    () => ops.pad(ops.slice(like([N, 3, 4]), 1, 0, 2), 1, 1, 0),
    () => ops.expand(like([N, 1]), [N, 4]),
    () => ops.reshape(ops.expand(ops.unsqueeze(like([N, 4]), [1]), [N, 3, 4]), [N, 12]),
    () => ops.reshape(like([N, 3, 4]), [{ batch: 3 }, 4]),
  ];
  for (let made = 0; made < size;) {
    try {
      pool.push(makers[s.integer(makers.length)]());
      made++;
    } catch {
      // Shapes that do not go together: another draw.
    }
  }
  const outputs: Record<string, Value> = {};
  for (let i = 0; i < 4; i++) outputs[`y${i}`] = any();
  outputs.last = pool[pool.length - 1];
  return graph(Object.fromEntries(inputs.map((v) => [v.name, v])), outputs);
}

describe.each(['typescript', 'auto'] as const)('random graphs on %s', (build) => {
  it('equal the oracle, for the largest batch and smaller ones', () => {
    const engine = createSmallEngine({ build });
    const s = new Sequence(hashString('random graphs'), 'plan');
    let nodes = 0;
    for (let round = 0; round < 60; round++) {
      const g = randomGraph(s, 40);
      const program = engine.compileSync(g, { maxBatch: 5 });
      nodes += program.info.nodes;
      for (const n of [5, 1, 4]) {
        const data = new Map(
          g.inputs.map(({ name, value }) => {
            const shape = concrete(value.shape, n);
            const t = tensor(
              'float64',
              shape,
              Array.from({ length: sizeOf(shape) }, () => s.normal()),
            );
            program.setInput(name, t.data);
            return [value, t];
          }),
        );
        program.run(n);
        const want = evaluate(
          g.outputs.map((o) => o.value),
          data,
          n,
        );
        g.outputs.forEach(({ name }, i) => {
          const got = program.output(name) as Float64Array;
          expect(got.length).toBe(want[i].data.length);
          let worst = 0;
          got.forEach((v, k) => {
            const d = Math.abs(v - want[i].data[k]) / Math.max(1, Math.abs(want[i].data[k]));
            if (!(d <= worst)) worst = d;
          });
          expect(worst, `round ${round}, n ${n}, ${name}`).toBeLessThan(1e-9);
        });
      }
      program.dispose();
    }
    expect(nodes).toBeGreaterThan(600);
  });
});
