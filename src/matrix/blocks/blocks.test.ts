import { describe, expect, it } from 'vitest';
import { frobenius, identity, normals, positive, product, flip } from '../../linalg/testing.js';
import { symmetricEigen } from '../../linalg/index.js';
import { type DampedBlock, isFailure, type MatrixBlock } from './block.js';
import { DenseBlock } from './dense.js';
import { DiagonalBlock } from './diagonal.js';
import { EigenbasisBlock } from './eigenbasis.js';
import { KroneckerBlock } from './kronecker.js';
import { LowRankBlock } from './low-rank.js';
import { crossGram, denseRows, factoredRows, joinedRows } from './score-rows.js';
import { StackBlock } from './stack.js';

const [inner, outer] = [5, 3];
const kroneckerParts = {
  A: positive(inner, 0.1, 'A'),
  G: positive(outer, 0.05, 'G'),
  inner,
  outer,
};
const bases = { a: symmetricEigen(kroneckerParts.A, inner), g: symmetricEigen(kroneckerParts.G, outer) };
const rows = factoredRows({ A: normals(4, inner, 'a'), G: normals(4, outer, 'g'), inner, outer });

/** A block, and F written out in another way. */
const CASES: Record<string, { block: MatrixBlock; F: () => Float64Array }> = {
  diagonal: {
    block: new DiagonalBlock(Float64Array.of(0.5, 3, 0, 2)),
    F: () => Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? [0.5, 3, 0, 2][i / 5] : 0)),
  },
  dense: { block: new DenseBlock(positive(7, 0.01, 'F'), 7), F: () => positive(7, 0.01, 'F') },
  kronecker: {
    block: new KroneckerBlock(kroneckerParts),
    F: () => kron(kroneckerParts.G, outer, kroneckerParts.A, inner),
  },
  eigenbasis: {
    block: new EigenbasisBlock({
      basisA: bases.a.vectors,
      basisG: bases.g.vectors,
      scale: normals(outer, inner, 's').map(Math.abs),
      inner,
      outer,
    }),
    F: () => {
      const U = kron(bases.g.vectors, outer, bases.a.vectors, inner);
      const s = normals(outer, inner, 's').map(Math.abs);
      const n = inner * outer;
      return product(
        U.map((u, at) => u * s[at % n]),
        flip(U, n, n),
        n,
        n,
        n,
      );
    },
  },
  'low-rank, factored': {
    block: new LowRankBlock(rows),
    F: () => {
      const [A, G] = [normals(4, inner, 'a'), normals(4, outer, 'g')];
      const R = Float64Array.from({ length: 4 * inner * outer }, (_, at) => {
        const [r, p] = [Math.floor(at / (inner * outer)), at % (inner * outer)];
        return G[r * outer + Math.floor(p / inner)] * A[r * inner + (p % inner)];
      });
      return product(flip(R, 4, inner * outer), R, inner * outer, 4, inner * outer);
    },
  },
  'low-rank, more rows than places': {
    block: new LowRankBlock(
      joinedRows([denseRows(normals(9, 3, 'r'), 9, 3), denseRows(normals(9, 2, 'q'), 9, 2)]),
    ),
    F: () => {
      const [x, y] = [normals(9, 3, 'r'), normals(9, 2, 'q')];
      const R = Float64Array.from({ length: 45 }, (_, at) => {
        const [r, p] = [Math.floor(at / 5), at % 5];
        return p < 3 ? x[r * 3 + p] : y[r * 2 + p - 3];
      });
      return product(flip(R, 9, 5), R, 5, 9, 5);
    },
  },
  stack: {
    block: new StackBlock([
      new DenseBlock(positive(3, 0.1, 'one'), 3),
      new DiagonalBlock(Float64Array.of(1, 4)),
    ]),
    F: () => {
      const out = new Float64Array(25);
      positive(3, 0.1, 'one').forEach((v, at) => (out[Math.floor(at / 3) * 5 + (at % 3)] = v));
      out[18] = 1;
      out[24] = 4;
      return out;
    },
  },
};

/** X ⊗ Y. */
function kron(X: Float64Array, n: number, Y: Float64Array, m: number): Float64Array {
  const size = n * m;
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [r, c] = [Math.floor(at / size), at % size];
    return X[Math.floor(r / m) * n + Math.floor(c / m)] * Y[(r % m) * m + (c % m)];
  });
}

/** ‖a − b‖/‖b‖. */
const off = (a: Float64Array, b: Float64Array): number => frobenius(a.map((v, i) => v - b[i])) / frobenius(b);

const shifted = (F: Float64Array, n: number, lambda: number): Float64Array =>
  F.map((v, at) => v + (at % (n + 1) === 0 ? lambda : 0));

/** Columns f(e_j) as a matrix [n, n]. */
function columns(n: number, f: (v: Float64Array) => Float64Array): Float64Array {
  const I = identity(n);
  const out = new Float64Array(n * n);
  for (let j = 0; j < n; j++)
    f(I.slice(j * n, (j + 1) * n)).forEach((v, i) => {
      out[i * n + j] = v;
    });
  return out;
}

function dampedOf(block: MatrixBlock, lambda: number): DampedBlock {
  const damped = block.damped(lambda);
  if (isFailure(damped)) throw new Error(damped.failed);
  return damped;
}

describe.each(Object.entries(CASES))('a block, %s', (_, { block, F: dense }) => {
  const F = dense();
  const n = block.size;
  const spectrum = symmetricEigen(F, n);

  it('is the matrix that it stands for', () => {
    expect(off(block.toDense(), F)).toBeLessThanOrEqual(1e-12);
    const v = normals(n, 1, 'v');
    expect(off(block.multiply(v), product(F, v, n, n, 1))).toBeLessThanOrEqual(1e-12);
    expect(
      off(
        block.diagonal(),
        F.filter((_x, at) => at % (n + 1) === 0),
      ),
    ).toBeLessThanOrEqual(1e-12);
  });

  it('trace, Frobenius norm and eigenvalues', () => {
    const sum = spectrum.values.reduce((s, v) => s + v, 0);
    expect(Math.abs(block.trace() / sum - 1)).toBeLessThanOrEqual(1e-12);
    expect(Math.abs(Math.sqrt(block.frobenius2()) / frobenius(F) - 1)).toBeLessThanOrEqual(1e-12);
    expect(off(block.eigenvalues(), spectrum.values)).toBeLessThanOrEqual(1e-12);
  });

  it('top: pairs with Fv = μv, the largest first, orthonormal', () => {
    const { values, vectors } = block.top(3);
    expect(values).toHaveLength(3);
    values.forEach((mu, j) => {
      expect(Math.abs(mu - spectrum.values[n - 1 - j])).toBeLessThanOrEqual(1e-11 * spectrum.values[n - 1]);
      const Fv = product(F, vectors[j], n, n, 1);
      expect(frobenius(Fv.map((x, i) => x - mu * vectors[j][i]))).toBeLessThanOrEqual(1e-11 * values[0]);
      vectors.forEach((w, l) => {
        const inner = w.reduce((s, x, i) => s + x * vectors[j][i], 0);
        expect(Math.abs(inner - (l === j ? 1 : 0))).toBeLessThanOrEqual(1e-11);
      });
    });
  });

  it.each([0.01, 3])('damped with %d: solve, logdet, effective dimension and root', (lambda) => {
    const damped = dampedOf(block, lambda);
    const M = shifted(F, n, lambda);
    const v = normals(n, 1, 'w');
    expect(off(product(M, damped.solve(v), n, n, 1), v)).toBeLessThanOrEqual(1e-10);
    const logdet = spectrum.values.reduce((s, mu) => s + Math.log(mu + lambda), 0);
    expect(Math.abs(damped.logdet() - logdet)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(logdet)));
    const dimension = spectrum.values.reduce((s, mu) => s + mu / (mu + lambda), 0);
    expect(Math.abs(damped.effectiveDimension() / dimension - 1)).toBeLessThanOrEqual(1e-10);
    const L = columns(n, (z) => damped.root(z));
    const LLtM = product(product(L, flip(L, n, n), n, n, n), M, n, n, n);
    expect(off(LLtM, identity(n))).toBeLessThanOrEqual(1e-10);
  });

  it('refuses a λ that is none', () => {
    expect(() => block.damped(-1)).toThrow(/from 0 on/);
    expect(() => block.damped(NaN)).toThrow(/from 0 on/);
  });
});

describe('rows of which several go with one input', () => {
  const [m, K] = [4, 3];
  const one = factoredRows({
    A: normals(m, inner, 'A1'),
    G: normals(m * K, outer, 'G1'),
    inner,
    outer,
    columns: K,
  });
  const written = (rows: typeof one): Float64Array => {
    const out = new Float64Array(rows.rank * rows.size);
    for (let r = 0; r < rows.rank; r++) {
      const unit = new Float64Array(rows.rank);
      unit[r] = 1;
      out.set(rows.transposed(unit), r * rows.size);
    }
    return out;
  };
  it('are rows g aᵀ of it, in products, squares and Gram matrices of two', () => {
    const R = written(one);
    const A = normals(m, inner, 'A1');
    const G = normals(m * K, outer, 'G1');
    R.forEach((x, at) => {
      const [r, o, i] = [
        Math.floor(at / (inner * outer)),
        Math.floor((at % (inner * outer)) / inner),
        at % inner,
      ];
      expect(x).toBeCloseTo(G[r * outer + o] * A[Math.floor(r / K) * inner + i], 12);
    });
    const plain = denseRows(R, m * K, inner * outer);
    const near = (a: Float64Array, b: Float64Array): void =>
      a.forEach((x, at) => expect(x).toBeCloseTo(b[at], 10));
    const v = normals(inner * outer, 1, 'v');
    near(one.times(v), plain.times(v));
    near(one.gram(), plain.gram());
    near(one.squares(), plain.squares());
    const two = factoredRows({
      A: normals(2, inner, 'A2'),
      G: normals(4, outer, 'G2'),
      inner,
      outer,
      columns: 2,
    });
    const other = denseRows(written(two), 4, inner * outer);
    near(
      crossGram(joinedRows([one, plain]), joinedRows([two, other]))!,
      crossGram(plain, other)!.map((x) => 2 * x),
    );
    expect(crossGram(one, plain)).toBeNull();
  });
});

describe('failures are values', () => {
  it.each(['diagonal', 'low-rank, factored'])('%s, singular, λ = 0', (name) => {
    const damped = CASES[name].block.damped(0);
    expect(isFailure(damped) && damped.failed).toMatch(/not positive definite with λ = 0/);
  });

  // Rank one less than full, the last eigenvalue what rounding leaves of 0, on either side of it.
  const short = (n: number, stream: string): Float64Array => {
    const X = normals(n - 1, n, stream);
    return product(flip(X, n - 1, n), X, n, n - 1, n);
  };
  it.each(Array.from({ length: 12 }, (_, i) => `short ${i}`))('%s by one in rank, λ = 0', (stream) => {
    const [A, G] = [short(inner, stream), short(outer, `${stream} G`)];
    const a = symmetricEigen(A, inner);
    const full = symmetricEigen(positive(outer, 0.1, stream), outer);
    const scale = Float64Array.from({ length: inner * outer }, (_, at) =>
      Math.abs(full.values[Math.floor(at / inner)] * a.values[at % inner]),
    );
    const blocks = [
      new KroneckerBlock({ A, G, inner, outer }),
      new KroneckerBlock({ A, G: positive(outer, 0.1, stream), inner, outer }),
      new EigenbasisBlock({ basisA: a.vectors, basisG: full.vectors, scale, inner, outer }),
    ];
    for (const block of blocks) {
      expect(isFailure(block.damped(0))).toBe(true);
      expect(isFailure(block.damped(1e-9))).toBe(false);
    }
  });

  it('dense: by one in rank fails at λ = 0 whatever the sign of the rounded pivot; tiny elements of their own do not', () => {
    for (let i = 0; i < 30; i++) {
      const F = new DenseBlock(short(9, `dense ${i}`), 9);
      expect(isFailure(F.damped(0)), `dense ${i}`).toBe(true);
      expect(isFailure(F.damped(1e-9)), `dense ${i}`).toBe(false);
    }
    const scaled = new DenseBlock(Float64Array.of(1, 1e-11, 1e-11, 1e-20), 2);
    expect(dampedOf(scaled, 0).logdet()).toBeCloseTo(Math.log(1e-20 - 1e-22), 9);
  });

  it('a regular product of factors of condition 1e9 each is none', () => {
    const factor = Float64Array.of(1, 0, 0, 1e-9);
    const block = new KroneckerBlock({ A: factor, G: factor, inner: 2, outer: 2 });
    expect(dampedOf(block, 0).logdet()).toBeCloseTo(4 * Math.log(1e-9), 6);
  });

  it.each([
    ['dense', new DenseBlock(Float64Array.of(1, 2, 2, 1), 2)],
    [
      'kronecker',
      new KroneckerBlock({
        A: Float64Array.of(1, 2, 2, 1),
        G: Float64Array.of(1),
        inner: 2,
        outer: 1,
      }),
    ],
    [
      'kronecker, split',
      new KroneckerBlock(
        { A: Float64Array.of(1, 2, 2, 1), G: Float64Array.of(1), inner: 2, outer: 1 },
        'split',
      ),
    ],
    ['stack', new StackBlock([new DiagonalBlock(Float64Array.of(1, -1))])],
  ])('%s, indefinite', (_, block) => {
    expect(isFailure(block.damped(0.5))).toBe(true);
  });
});

describe('a Kronecker product with split damping', () => {
  it('is the inverse of the product of its damped factors', () => {
    const lambda = 0.2;
    const damped = dampedOf(new KroneckerBlock(kroneckerParts, 'split'), lambda);
    const tr = (a: Float64Array, n: number): number =>
      a.reduce((s, v, at) => s + (at % (n + 1) === 0 ? v : 0), 0);
    const pi = Math.sqrt(tr(kroneckerParts.A, inner) / inner / (tr(kroneckerParts.G, outer) / outer));
    const M = kron(
      shifted(kroneckerParts.G, outer, Math.sqrt(lambda) / pi),
      outer,
      shifted(kroneckerParts.A, inner, Math.sqrt(lambda) * pi),
      inner,
    );
    const n = inner * outer;
    const v = normals(n, 1, 'split');
    expect(off(product(M, damped.solve(v), n, n, 1), v)).toBeLessThanOrEqual(1e-10);
    const logdet = symmetricEigen(M, n).values.reduce((s, mu) => s + Math.log(mu), 0);
    expect(Math.abs(damped.logdet() - logdet)).toBeLessThanOrEqual(1e-10 * Math.abs(logdet));
    const L = columns(n, (z) => damped.root(z));
    expect(off(product(product(L, flip(L, n, n), n, n, n), M, n, n, n), identity(n))).toBeLessThanOrEqual(
      1e-10,
    );
    const F = kron(kroneckerParts.G, outer, kroneckerParts.A, inner);
    const solved = columns(n, (z) => damped.solve(z));
    expect(
      Math.abs(damped.effectiveDimension() / tr(product(F, solved, n, n, n), n) - 1),
    ).toBeLessThanOrEqual(1e-10);
  });
});

describe('the largest pairs of a large matrix', () => {
  it('come by Lanczos steps, the same', () => {
    const n = 520;
    const d = Float64Array.from({ length: n }, (_, i) => 1 / (1 + i));
    const v = normals(n, 1, 'direction');
    // diag(d) + vvᵀ/n: not diagonal, and its pairs are checked by its product.
    const F = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return (v[i] * v[j]) / n + (i === j ? d[i] : 0);
    });
    const block = new DenseBlock(F, n);
    const { values, vectors } = block.top(5);
    expect(off(values, block.eigenvalues().slice(-5).reverse())).toBeLessThanOrEqual(1e-12);
    vectors.forEach((x, j) => {
      const Fx = block.multiply(x);
      expect(frobenius(Fx.map((y, i) => y - values[j] * x[i]))).toBeLessThanOrEqual(1e-8);
    });
  });
});
