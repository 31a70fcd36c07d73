import { describe, expect, it } from 'vitest';
import { inner, largest } from '../../test/graph/arrays.js';
import { checkRules, differences, draw, type Fn, forward, reverse } from '../../test/graph/check.js';
import { network, NETWORKS } from '../../test/graph/networks.js';
import { hashString, Sequence } from '../core/random.js';
import { sizeOf, tensor, type Tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import * as b from './build.js';
import { dependents, gradient, isBatched, jvp, nodesOf, vjp } from './derive.js';
import { concrete, N } from './dims.js';
import { input, type Value, withOrigin } from './value.js';

const stream = (name: string) => new Sequence(hashString(name), 'derive');

describe('derivatives of networks', () => {
  for (const [name, make] of Object.entries(NETWORKS)) {
    it(name, () => {
      const rng = stream(name);
      checkRules(make(name, rng), rng, true);
    });
  }
});

/** The unit vectors of a shape, one for each element, as leading axis. */
function units(shape: readonly number[]): Tensor<'float64'> {
  const size = sizeOf(shape);
  return tensor(
    'float64',
    [size, ...shape],
    Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
  );
}

/** The sum of a network's squared outputs and its gradient by the parameters. */
function squaredLoss(f: Fn): { loss: Value; grads: Value[] } {
  const loss = b.reduceSum(b.square(f.outputs[0]), [0, 1]);
  return { loss, grads: gradient(loss, f.wrt) as Value[] };
}

describe('Jacobians and Hessians', () => {
  it('the Jacobian of each example is its per-example gradients with the outputs as leading axis', () => {
    const rng = stream('jacobian');
    const f = NETWORKS['dense, GELU']('jacobian', rng);
    const [h] = f.outputs;
    const outputs = h.shape[1] as number;
    const ct = input('ct', 'float64', [N, outputs, outputs]);
    const eye = units([outputs]).data;
    const cts = tensor(
      'float64',
      [f.n, outputs, outputs],
      Float64Array.from({ length: f.n * eye.length }, (_, i) => eye[i % eye.length]),
    );
    const rows = vjp([h], [ct], f.wrt, { lead: [outputs], perExample: true }) as Value[];
    const jacobian = evaluate(rows, new Map([...f.bind, [ct, cts]]), f.n);
    const along = f.wrt.map((v) => draw(v, rng, f.n));
    const [slope] = differences(f, along);
    for (let row = 0; row < f.n * outputs; row++) {
      const got = jacobian.reduce((sum, j, i) => {
        const size = along[i].data.length;
        return sum + inner(j.data.subarray(row * size, (row + 1) * size), along[i].data as Float64Array);
      }, 0);
      expect(Math.abs(got - slope[row])).toBeLessThanOrEqual(1e-9);
    }
  });

  for (const name of ['dense, tanh', 'dense, softplus', 'tied autoencoder', 'masked weight']) {
    it(`Hessian of the ${name} network: three ways of a product with it, and symmetry`, () => {
      const rng = stream(`hessian ${name}`);
      const f = NETWORKS[name](name, rng);
      const { loss, grads } = squaredLoss(f);
      const g: Fn = { ...f, outputs: grads };
      const product = (by: 'forward' | 'reverse', v: readonly Tensor[]) => {
        const vs = f.wrt.map((w, i) => input(`v${i}`, 'float64', w.shape));
        const values = by === 'forward' ? jvp(grads, f.wrt, vs) : vjp(grads, vs, f.wrt);
        const bind = new Map([...f.bind, ...vs.map((w, i): [Value, Tensor] => [w, v[i]])]);
        return evaluate(values as Value[], bind, f.n).map((r) => r.data);
      };
      const [u, v] = [0, 1].map(() => f.wrt.map((w) => draw(w, rng, f.n)));
      const forwardHv = product('forward', v);
      const reverseHv = product('reverse', v);
      const numeric = differences(g, v);
      const scale = Math.max(1, ...numeric.map(largest));
      forwardHv.forEach((h, i) =>
        h.forEach((x, j) => {
          expect(Math.abs(x - reverseHv[i][j]) / scale).toBeLessThanOrEqual(1e-13);
          expect(Math.abs(x - numeric[i][j]) / scale).toBeLessThanOrEqual(1e-9);
        }),
      );
      const dot = (x: Float64Array[], y: readonly Tensor[]) =>
        x.reduce((s, r, i) => s + inner(r, y[i].data as Float64Array), 0);
      expect(Math.abs(dot(forwardHv, u) - dot(product('forward', u), v)) / scale).toBeLessThanOrEqual(1e-12);

      // The whole block of one parameter, its unit vectors as leading axis.
      const [w] = f.wrt;
      const size = sizeOf(concrete(w.shape, f.n));
      const all = input('all', 'float64', [size, ...w.shape]);
      const [block] = evaluate(
        jvp(gradient(loss, [w]) as Value[], [w], [all], { lead: [size] }) as Value[],
        new Map([...f.bind, [all, units(w.shape as number[])]]),
        f.n,
      );
      for (let i = 0; i < size; i++)
        for (let j = 0; j < i; j++)
          expect(Math.abs(block.data[i * size + j] - block.data[j * size + i]) / scale).toBeLessThanOrEqual(
            1e-13,
          );
    });
  }
});

describe('which values have a derivative', () => {
  const x = input('x', 'float64', [N, 3]);
  const w = input('w', 'float64', [3]);
  const u = input('u', 'float64', [3]);
  const ct = input('ct', 'float64', [N, 3]);

  it('null where an output does not depend on an input, forward and reverse', () => {
    const y = b.mul(x, w);
    const [dw, du] = vjp([y], [ct], [w, u]);
    expect(dw).not.toBeNull();
    expect(du).toBeNull();
    expect(jvp([y, b.exp(x)], [w], [u])[1]).toBeNull();
    expect(jvp([y], [u], [w])).toEqual([null]);
  });

  it('what has no derivative stops it: sign, comparisons, whole numbers, conditions', () => {
    const whole = b.cast(b.cast(w, 'int64'), 'float64');
    const above = b.indicator(b.greater(w, u), 'float64');
    for (const y of [b.sign(w), whole, above, b.where(b.less(w, u), u, b.exp(u))]) {
      const out = b.mul(x, y);
      expect(vjp([out], [ct], [w])).toEqual([null]);
      expect(jvp([out], [w], [u])).toEqual([null]);
      expect(dependents(nodesOf([out]), [w]).has(out)).toBe(false);
    }
    // A second path that has one is not stopped.
    const both = b.mul(b.sign(w), w);
    const [d] = vjp([both], [u], [w]);
    const at = tensor('float64', [3], [-2, 0.5, 3]);
    const [r] = evaluate(
      [d as Value],
      new Map([
        [w, at],
        [u, tensor('float64', [3], [1, 1, 1])],
      ]),
      1,
    );
    expect([...r.data]).toEqual([-1, 1, 1]);
  });

  it('branches that are not asked for make no nodes', () => {
    const big = b.matmul(b.tanh(b.matmul(x, input('W', 'float64', [3, 3]))), input('V', 'float64', [3, 3]));
    const y = b.add(big, w);
    const [d] = vjp([y], [ct], [w]);
    const before = new Set(nodesOf([y]));
    expect(
      nodesOf([d as Value])
        .filter((n) => !before.has(n))
        .map((n) => n.op),
    ).toEqual(['ReduceSum']);
  });

  it('a value used twice gets the sum, also as an output given twice', () => {
    const f: Fn = network('reuse', stream('reuse'), { x: [N, 2], w: [2] }, ({ x: a, w: v }) => {
      const y = b.mul(a, v);
      return [b.add(b.mul(y, y), y), y];
    });
    checkRules(f, stream('reuse checks'), true);
    const { cts, values, bind } = reverse({ ...f, outputs: [f.outputs[0], f.outputs[0]] }, stream('twice'));
    const [once] = vjp([f.outputs[0]], [b.add(cts[0], cts[1])], f.wrt);
    const [p, q] = evaluate([values[0] as Value, once as Value], bind, f.n);
    p.data.forEach((v, i) => expect(v).toBeCloseTo(q.data[i], 13));
  });

  it('an intermediate value, an output itself, and an input behind it may be asked for together', () => {
    const y = b.exp(w);
    const z = b.mul(x, y);
    const [dz, dy, dw] = vjp([z], [ct], [z, y, w]);
    expect(dz).toBe(ct);
    const rng = stream('intermediate');
    const bind = new Map([x, w, ct].map((v): [Value, Tensor] => [v, draw(v, rng, 2)]));
    const [gy, gw, ey] = evaluate([dy as Value, dw as Value, y], bind, 2);
    gw.data.forEach((v, i) => expect(v).toBeCloseTo(gy.data[i] * ey.data[i], 14));
    // Tangents given for an intermediate value replace what comes from behind it.
    for (const inputs of [[y], [y, w]]) {
      const [t] = jvp([z], inputs, [u, u]);
      expect(nodesOf([t as Value]).map((n) => n.op)).toEqual(['Mul']);
    }
  });

  it('gradient is that of the sum, finite where a value is not', () => {
    const y = b.div(w, u);
    const [d] = gradient(y, [w]);
    const at = new Map([
      [w, tensor('float64', [3], [1, 2, 3])],
      [u, tensor('float64', [3], [0, 2, 4])],
    ]);
    expect([...evaluate([d as Value], at, 1)[0].data]).toEqual([Infinity, 0.5, 0.25]);
    const [e] = gradient(b.log(w), [w]);
    expect([...evaluate([e as Value], new Map([[w, tensor('float64', [3], [0, 2, 4])]]), 1)[0].data]).toEqual(
      [Infinity, 0.5, 0.25],
    );
    const [total] = gradient(b.mul(x, w), [w]);
    const xs = tensor('float64', [2, 3], [1, 2, 3, 10, 20, 30]);
    const [r] = evaluate(
      [total as Value],
      new Map([
        [x, xs],
        [w, tensor('float64', [3], [1, 1, 1])],
      ]),
      2,
    );
    expect([...r.data]).toEqual([11, 22, 33]);
  });

  it('says which values depend on the examples', () => {
    expect([x, w, b.mul(x, w), b.reduceSum(x, [0]), b.swapLast(x)].map(isBatched)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it('nodes come before what reads them, and derived nodes carry the origin of theirs', () => {
    const y = withOrigin('Mul "/scale"', () => b.mul(b.tanh(x), w));
    const nodes = nodesOf([b.exp(y), y]);
    nodes.forEach((n, i) => n.inputs.forEach((v) => v.node && expect(nodes.indexOf(v.node)).toBeLessThan(i)));
    const derived = [...vjp([y], [ct], [w]), ...jvp([y], [w], [u])].map((v) => (v as Value).node?.origin);
    expect(derived).toEqual(['Mul "/scale"', 'Mul "/scale"']);
  });

  it('jvp of a linear function is the function', () => {
    const rng = stream('linear');
    const f = network('linear', rng, { x: [N, 3], W: [3, 2] }, ({ x: a, W }) => b.matmul(a, W));
    const { ts, values, bind } = forward(f, rng, [2]);
    expect(ts[0].shape).toEqual([2, 3, 2]);
    const [t] = evaluate([values[0] as Value], bind, f.n);
    expect(t.shape).toEqual([f.n, 2, 2]);
  });
});
