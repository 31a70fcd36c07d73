/** The oracle against numbers worked out by hand: what it says, every engine and every derivative is tested by. */
import { CASES, type Data, EXAMPLES } from '../../../test/graph/oracle-cases.js';
import { describe, expect, it } from 'vitest';
import { thrown } from '../../../test/graph/thrown.js';
import { tensor, type Tensor } from '../../core/tensor.js';
import { CORE, constant, input, N, ops as b, type Value } from '../../graph/index.js';
import { evaluate } from './evaluate.js';

function run(of: readonly Data[], f: (...xs: Value[]) => Value) {
  const values = of.map(([shape, , dtype]) => input('x', dtype ?? 'float64', shape));
  const bind = new Map<Value, Tensor>(
    of.map(([shape, data, dtype], i) => {
      const sizes = shape.map((d) => (typeof d === 'number' ? d : d.batch * EXAMPLES));
      return [values[i], tensor(dtype ?? 'float64', sizes, data)];
    }),
  );
  return evaluate([f(...values)], bind, EXAMPLES)[0];
}

describe('the oracle', () => {
  it('has a case for every operator', () => {
    expect([...new Set(CASES.map((c) => c.op))].sort()).toEqual(CORE.map((op) => op.name).sort());
  });

  for (const c of CASES) {
    it(`${c.op} of ${c.of.map(([shape]) => JSON.stringify(shape)).join(' ')}`, () => {
      const got = run(c.of, c.f);
      expect(got.shape).toEqual(c.shape);
      expect(got.data).toHaveLength(c.want.length);
      c.want.forEach((w, i) => {
        if (!Number.isFinite(w)) expect(got.data[i]).toBe(w);
        else expect(Math.abs(got.data[i] - w)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(w)));
      });
    });
  }

  it('computes whole numbers as whole numbers', () => {
    const got = run([[[3], [7, -7, 5], 'int64']], (x) => b.add(x, constant(tensor('int64', [], [2]))));
    expect([...got.data]).toEqual([9, -5, 7]);
  });

  it('reads float32 inputs as they are stored and does not round in between', () => {
    const got = run([[[1], [0.1], 'float32']], (x) => b.mul(x, x));
    expect(got.data[0]).toBe(Math.fround(0.1) ** 2);
  });

  it('gives inputs and constants back where these are outputs, and the same value once for each time it is asked for', () => {
    const x = input('x', 'float64', [N]);
    const k = constant(tensor('float64', [2], [3, 4]));
    const y = b.exp(x);
    const got = evaluate([x, k, y, y], new Map([[x, tensor('float64', [2], [0, 0])]]), 2);
    expect(got.map((r) => [...r.data])).toEqual([
      [0, 0],
      [3, 4],
      [1, 1],
      [1, 1],
    ]);
  });

  it('does not write into what it is given', () => {
    const x = input('x', 'float64', [2]);
    const t = tensor('float64', [2], [1, 2]);
    evaluate([b.cast(b.reshape(x, [1, 2]), 'int32'), b.reshape(x, [2, 1])], new Map([[x, t]]), 1);
    expect([...t.data]).toEqual([1, 2]);
  });

  it('needs every input, of the size that its shape has for this many examples', () => {
    const x = input('x', 'float64', [N, 2]);
    const missing = thrown(() => evaluate([b.exp(x)], new Map(), 1));
    expect(missing.code).toBe('internal/invariant');
    expect(missing.message).toContain('evaluate: x: has no value');
    const wrong = thrown(() =>
      evaluate([b.exp(x)], new Map([[x, tensor('float64', [3, 2], [1, 2, 3, 4, 5, 6])]]), 2),
    );
    expect(wrong.message).toContain('was given 6 elements for [2, 2]');
  });
});
