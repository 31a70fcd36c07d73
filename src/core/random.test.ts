import { describe, expect, it } from 'vitest';
import { FimError } from './errors.js';
import {
  Sequence,
  UniformStream,
  hashString,
  normalAt,
  normalQuantile,
  permutation,
  philox,
  signAt,
  uniformAt,
} from './random.js';
import { uniformFromWords } from './random-philox.js';

function code(f: () => unknown): string {
  try {
    f();
  } catch (e) {
    if (e instanceof FimError) return e.code;
  }
  return 'nothing thrown';
}

describe('Philox4x32-10', () => {
  // Known answers published with Random123 (kat_vectors).
  const ff = 0xffffffff;
  const vectors: [number[], number[], number[]][] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [ff, ff, ff, ff],
      [ff, ff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  for (const [c, k, answer] of vectors) {
    it(`counter ${c.map((w) => w.toString(16)).join(' ')}`, () => {
      const out = new Uint32Array(4);
      philox(out, c[0], c[1], c[2], c[3], k[0], k[1]);
      expect([...out]).toEqual(answer);
    });
  }

  it('makes uniforms strictly inside (0, 1), symmetric about ½', () => {
    expect(uniformFromWords(0, 0)).toBe(2 ** -53);
    expect(uniformFromWords(ff, ff)).toBe(1 - 2 ** -53);
    expect(uniformFromWords(0x80000000, 0)).toBe(0.5 + 2 ** -53);
  });
});

describe('keyed draws', () => {
  const key = { seed: 7, stream: 'labels', example: 3, occurrence: 0, draw: 1, component: 4 };

  it('are pinned: a changed value is a changed result for every user', () => {
    expect(uniformAt(key)).toBe(new UniformStream(7, 'labels').at(3, 0, 1, 4));
    expect(uniformAt(key)).toBe(0.04175340796024629);
    expect(hashString('labels')).toBe(944105701122534);
  });

  it('change with each part of the key', () => {
    const others = [
      { ...key, seed: 8 },
      { ...key, seed: -7 },
      { ...key, seed: 7 + 2 ** 32 },
      { ...key, stream: 'signs' },
      { ...key, stream: 'labels\0' },
      { ...key, example: 4 },
      { ...key, occurrence: 1 },
      { ...key, draw: 2 },
      { ...key, component: 5 },
      { ...key, component: 3 },
      { ...key, example: 1, draw: 3 },
    ];
    const values = new Set([key, ...others].map(uniformAt));
    expect(values.size).toBe(others.length + 1);
  });

  it('fill gives the same bits as at, from an odd or an even component', () => {
    const s = new UniformStream(-1, 'x');
    for (const first of [0, 1, 6]) {
      const out = new Float64Array(9);
      s.fill(out, 2, 7, 11, 2, 5, first);
      for (let i = 0; i < 7; i++) expect(out[2 + i]).toBe(s.at(11, 2, 5, first + i));
      expect([out[0], out[1]]).toEqual([0, 0]);
    }
  });

  it('normals and signs are functions of the uniform', () => {
    expect(normalAt(key)).toBe(normalQuantile(uniformAt(key)));
    expect(signAt(key)).toBe(uniformAt(key) > 0.5 ? 1 : -1);
  });

  it('have the moments of a uniform, and no correlation between neighbours in any index', () => {
    const n = 40000;
    const s = new UniformStream(hashString('moments of a uniform'), 't');
    const neighbours: [number, number, number, number][] = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    let m1 = 0;
    let m2 = 0;
    const cross = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const u = s.at(2 * i, 0, 0, 0) - 0.5;
      m1 += u;
      m2 += u * u;
      neighbours.forEach(([a, b, c, d], j) => (cross[j] += u * (s.at(2 * i + a, b, c, d) - 0.5)));
    }
    expect(Math.abs(m1 / n / Math.sqrt(1 / 12 / n))).toBeLessThan(4.5);
    expect(Math.abs((m2 / n - 1 / 12) / Math.sqrt(1 / 180 / n))).toBeLessThan(4.5);
    for (const c of cross) expect(Math.abs(c / n / (1 / 12 / Math.sqrt(n)))).toBeLessThan(4.5);
  });

  it('refuse indices that would alias', () => {
    const s = new UniformStream(0, 's');
    for (const bad of [-1, 0.5, 2 ** 32, NaN]) {
      expect(code(() => s.at(bad, 0, 0, 0))).toBe('random/index');
      expect(code(() => s.at(0, 0, 0, bad))).toBe('random/index');
    }
    expect(code(() => new UniformStream(0.5, 's'))).toBe('random/seed');
    expect(code(() => new UniformStream(2 ** 53, 's'))).toBe('random/seed');
  });
});

describe('Sequence', () => {
  it('restores exactly at every position, through JSON', () => {
    const s = new Sequence(5, 'walk', 2 ** 40);
    for (let skip = 0; skip < 5; skip++) {
      const state = JSON.parse(JSON.stringify(s.state())) as ReturnType<Sequence['state']>;
      const ahead = [s.next(), s.normal(), s.integer(10), s.sign()];
      const again = Sequence.from(state);
      expect([again.next(), again.normal(), again.integer(10), again.sign()]).toEqual(ahead);
      s.restore(state);
      expect(s.next()).toBe(ahead[0]);
    }
  });

  it('differs between indices, streams, seeds, and from the keyed draws', () => {
    const first = [
      new Sequence(1, 'a'),
      new Sequence(1, 'a', 1),
      new Sequence(1, 'a', 2 ** 32),
      new Sequence(1, 'b'),
      new Sequence(2, 'a'),
    ].map((s) => s.next());
    first.push(new UniformStream(1, 'a').at(0, 0, 0, 0));
    expect(new Set(first).size).toBe(6);
  });

  it('integer(n) is unbiased, also where n does not divide 2^53', () => {
    // χ² with 6 degrees of freedom: mean 6, variance 12; and for n = 3·2^51 the naive k % n would give P(< 2^51) = ½, not ⅓.
    const s = new Sequence(hashString('integer unbiased'), 's');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70000; i++) counts[s.integer(7)]++;
    const chi2 = counts.reduce((t, c) => t + (c - 10000) ** 2 / 10000, 0);
    expect(Math.abs((chi2 - 6) / Math.sqrt(12))).toBeLessThan(4.5);
    let low = 0;
    const n = 20000;
    for (let i = 0; i < n; i++) if (s.integer(3 * 2 ** 51) < 2 ** 51) low++;
    expect(Math.abs((low / n - 1 / 3) / Math.sqrt(2 / 9 / n))).toBeLessThan(4.5);
    expect(code(() => s.integer(0))).toBe('random/sequence');
    expect(code(() => s.integer(2 ** 53))).toBe('random/sequence');
  });

  it('normal() has mean 0, variance 1, fourth moment 3', () => {
    const s = new Sequence(hashString('normal moments'), 's');
    const n = 50000;
    let m1 = 0;
    let m2 = 0;
    let m4 = 0;
    for (let i = 0; i < n; i++) {
      const x = s.normal();
      m1 += x;
      m2 += x * x;
      m4 += x ** 4;
    }
    expect(Math.abs(m1 / n) * Math.sqrt(n)).toBeLessThan(4.5);
    expect(Math.abs(m2 / n - 1) * Math.sqrt(n / 2)).toBeLessThan(4.5);
    expect(Math.abs(m4 / n - 3) * Math.sqrt(n / 96)).toBeLessThan(4.5);
  });

  it('permutation is a permutation, each order equally likely', () => {
    expect([...permutation(100, 3, 'p')].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect(permutation(0, 3, 'p').length).toBe(0);
    const counts = new Map<string, number>();
    const n = 12000;
    for (let i = 0; i < n; i++) {
      const order = permutation(3, i, hashString('permutation').toString()).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    let chi2 = 0;
    for (const c of counts.values()) chi2 += (c - n / 6) ** 2 / (n / 6);
    expect(counts.size).toBe(6);
    expect(Math.abs((chi2 - 5) / Math.sqrt(10))).toBeLessThan(4.5);
  });

  it('refuses a state of another sequence', () => {
    expect(code(() => new Sequence(1, 'a').restore(new Sequence(2, 'a').state()))).toBe('random/sequence');
    expect(code(() => new Sequence(1, 'a', -1))).toBe('random/sequence');
  });
});

describe('normalQuantile', () => {
  // Values to 20 digits from 60-digit arithmetic.
  const table: [number, number][] = [
    [1.1102230246251565e-16, -8.2095361516013868556],
    [1e-300, -37.047096299361199237],
    [1e-20, -9.2623400897984075796],
    [1e-12, -7.0344838253011319326],
    [1e-5, -4.2648907939228246102],
    [0.001, -3.0902323061678135354],
    [0.025, -1.9599639845400542118],
    [0.07, -1.4757910281791706856],
    [0.075, -1.4395314709384559349],
    [0.2, -0.84162123357291416552],
    [0.45, -0.12566134685507400616],
    [0.6, 0.25334710313579974132],
    [0.95, 1.6448536269514722843],
    [0.975, 1.9599639845400538556],
    [0.995, 2.5758293035489004539],
    [0.9999999999999999, 8.2095361516013868556],
  ];
  for (const [p, x] of table) {
    it(`Φ⁻¹(${p})`, () => {
      expect(Math.abs(normalQuantile(p) - x)).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(x)));
    });
  }

  it('at the ends', () => {
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(normalQuantile(1.5)).toBeNaN();
    expect(normalQuantile(NaN)).toBeNaN();
    expect(normalQuantile(0.5)).toBe(0);
  });
});
