/**
 * @module likelihood/categorical-tensors
 *
 * Third and fourth cumulants and the fourth central moment of a one-hot vector, element by element. With q = 1 − p:
 *
 *   κ_aaa = pq(q − p)           κ_aab = −p_a p_b (q_a − p_a)     κ_abc = 2 p_a p_b p_c
 *   κ_aaaa = pq(1 − 6pq)        κ_aaab = −p_a p_b (1 − 6 p_a q_a)
 *   κ_aabb = −p_a p_b (1 − 2p_a − 2p_b + 6p_a p_b)   κ_aabc = 2 p_a p_b p_c (1 − 3p_a)   κ_abcd = −6 p_a p_b p_c p_d
 *   K_aaaa = pq(1 − 3pq)        K_aaab = −p_a p_b (1 − 3 p_a q_a)
 *   K_aabb = p_a p_b (p_a + p_b − 3p_a p_b)          K_aabc = p_a p_b p_c (1 − 3p_a)     K_abcd = −3 p_a p_b p_c p_d
 *
 * Derivatives of log Σ exp; K as in theory (9.4). O(T³), O(T⁴): for study and tests.
 */

export function categoricalThird(p: Float64Array, q: Float64Array): Float64Array {
  const T = p.length;
  const out = new Float64Array(T ** 3);
  for (let a = 0, i = 0; a < T; a++) {
    for (let b = 0; b < T; b++) {
      for (let c = 0; c < T; c++, i++) {
        if (a === b && b === c) out[i] = p[a] * q[a] * (q[a] - p[a]);
        else if (a === b || a === c) out[i] = -p[a] * p[a === b ? c : b] * (q[a] - p[a]);
        else if (b === c) out[i] = -p[b] * p[a] * (q[b] - p[b]);
        else out[i] = 2 * p[a] * p[b] * p[c];
      }
    }
  }
  return out;
}

/** What an element is by the pattern of its equal indices; a is the index that repeats most. */
interface Patterns {
  aaaa(a: number): number;
  aaab(a: number, b: number): number;
  aabb(a: number, b: number): number;
  aabc(a: number, b: number, c: number): number;
  abcd(a: number, b: number, c: number, d: number): number;
}

export function categoricalFourthCumulant(p: Float64Array, q: Float64Array): Float64Array {
  return fourth(p.length, {
    aaaa: (a) => p[a] * q[a] * (1 - 6 * p[a] * q[a]),
    aaab: (a, b) => -p[a] * p[b] * (1 - 6 * p[a] * q[a]),
    aabb: (a, b) => -p[a] * p[b] * (q[a] - p[a] - 2 * p[b] + 6 * p[a] * p[b]),
    aabc: (a, b, c) => 2 * p[a] * p[b] * p[c] * (1 - 3 * p[a]),
    abcd: (a, b, c, d) => -6 * p[a] * p[b] * p[c] * p[d],
  });
}

export function categoricalFourthMoment(p: Float64Array, q: Float64Array): Float64Array {
  return fourth(p.length, {
    aaaa: (a) => p[a] * q[a] * (1 - 3 * p[a] * q[a]),
    aaab: (a, b) => -p[a] * p[b] * (1 - 3 * p[a] * q[a]),
    aabb: (a, b) => p[a] * p[b] * (p[a] + p[b] - 3 * p[a] * p[b]),
    aabc: (a, b, c) => p[a] * p[b] * p[c] * (1 - 3 * p[a]),
    abcd: (a, b, c, d) => -3 * p[a] * p[b] * p[c] * p[d],
  });
}

function fourth(T: number, f: Patterns): Float64Array {
  const out = new Float64Array(T ** 4);
  for (let a = 0, i = 0; a < T; a++) {
    for (let b = 0; b < T; b++) {
      for (let c = 0; c < T; c++) {
        for (let d = 0; d < T; d++, i++) out[i] = element(f, [a, b, c, d]);
      }
    }
  }
  return out;
}

function element(f: Patterns, index: number[]): number {
  const kinds = [...new Set(index)];
  const times = (k: number) => index.filter((j) => j === k).length;
  kinds.sort((x, y) => times(y) - times(x));
  const [a, b, c, d] = kinds;
  if (kinds.length === 1) return f.aaaa(a);
  if (kinds.length === 2) return times(a) === 3 ? f.aaab(a, b) : f.aabb(a, b);
  return kinds.length === 3 ? f.aabc(a, b, c) : f.abcd(a, b, c, d);
}
