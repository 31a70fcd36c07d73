/**
 * @module studies/nonlinear/samples
 *
 * Samples of n visits by several designs, as sums by group of visits: matrices of any of the groups.
 */
import { Sequence } from 'fim/core';
import { weightedVisits } from 'fim/data';
import { countsOf, visitedFactors, type VisitedGroups } from 'fim/matrix';
import { type Population, sumOf, type Term, T } from './population.js';

/** Ways of visiting. */
export const DESIGNS = {
  exact: 'uniform visits of a distribution, exact columns',
  label: 'uniform visits of a distribution, one sampled label',
  half: 'half of the data, which are all there is, exact columns',
  all: 'all of the data, which are all there is, exact columns',
  weighted: 'weighted visits to data that are all there is, exact columns',
  'weighted-sample': 'weighted visits to ten times as many inputs of a distribution, exact columns',
} as const;

/** Name of one. */
export type DesignName = keyof typeof DESIGNS;

/** Sums of one sample. */
export interface Sample {
  /** What a jackknife counts in each group [B]. */
  readonly counts: Float64Array;
  /** 1 − n/N of data that are all there is, else 1. */
  readonly left: number;
  /** Matrix of some groups [P, P]. */
  of(groups: readonly number[]): Float64Array;
  /** What it estimates where that is not the matrix of the population: [P, P]. */
  readonly truth: Float64Array | null;
}

const B = 20;

/** Sample r of a design. */
export function sampleOf(population: Population, design: DesignName, n: number, r: number): Sample {
  const rng = new Sequence(r, `${design} ${n}`);
  const input = (): number => rng.integer(population.size);
  const plain = (count: number): Term[] =>
    Array.from({ length: count }, () => {
      const x = input();
      return { input: x, weight: 1, label: design === 'label' ? draw(population, x, rng.next()) : null };
    });
  if (design === 'weighted' || design === 'weighted-sample')
    return weighted(population, design, n, r, design === 'weighted' ? null : plain(10 * n));
  const terms = plain(design === 'half' ? 2 * n : n);
  const visited = terms.slice(0, n);
  const parts = Array.from({ length: B }, (_, g) => visited.slice(edge(g, n), edge(g + 1, n)));
  const sums = parts.map((part) => sumOf(population, part));
  const counts = Float64Array.from(parts, (part) => part.length);
  const finite = design === 'half' || design === 'all';
  return {
    counts,
    left: finite ? 1 - n / terms.length : 1,
    of: (groups) => scaled(added(groups.map((g) => sums[g])), 1 / groups.reduce((s, g) => s + counts[g], 0)),
    truth: finite ? scaled(sumOf(population, terms), 1 / terms.length) : null,
  };
}

function weighted(
  population: Population,
  design: DesignName,
  n: number,
  r: number,
  sample: readonly Term[] | null,
): Sample {
  const places = sample?.map(({ input }) => input) ?? null;
  const at = (i: number): number => places?.[i] ?? i;
  const N = places?.length ?? population.size;
  const proxies = Float64Array.from({ length: N }, (_, i) => population.proxy[at(i)]);
  const list = weightedVisits(proxies, { examples: n, seed: r, takeAll: true });
  const drawn: Term[][] = Array.from({ length: B }, () => []);
  const taken: Term[][] = Array.from({ length: B }, () => []);
  const byInput = design === 'weighted-sample';
  let k = 0;
  list.indices.forEach((i, j) => {
    const g = byInput ? i % B : Math.floor((k * B) / list.drawnCount);
    const term = { input: at(i), weight: list.weights[j], label: null };
    if (list.taken[j]) taken[byInput ? i % B : 0].push(term);
    else {
      drawn[g].push(term);
      k += 1;
    }
  });
  const groups: VisitedGroups = {
    population: byInput ? 'distribution' : 'data',
    inputs: N,
    drawn: Float64Array.from(drawn, (d) => d.length),
    inputsOf: Float64Array.from({ length: B }, (_, g) => Math.floor((N - 1 - g) / B) + 1),
    share: Float64Array.from({ length: B }, (_, g) => {
      let sum = 0;
      for (let i = g; i < N; i += B) if (!list.certain[i]) sum += 1 / (N * list.design[i]);
      return sum;
    }),
  };
  const D = drawn.map((terms) => sumOf(population, terms));
  const S = taken.map((terms) => sumOf(population, terms));
  const all = added(S);
  return {
    counts: countsOf(groups),
    left: 1,
    of(set) {
      const factors = visitedFactors(groups, set);
      const own = factors.all ? all : added(set.map((g) => S[g]));
      const out = scaled(added(set.map((g) => D[g])), factors.drawn);
      return out.map((v, i) => v + factors.taken * own[i]);
    },
    truth: null,
  };
}

const edge = (g: number, n: number): number => Math.round((g * n) / B);

function draw({ probabilities }: Population, x: number, u: number): number {
  let below = 0;
  for (let t = 0; t < T - 1; t++) if (u < (below += probabilities[x * T + t])) return t;
  return T - 1;
}

function added(all: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(all[0].length);
  for (const one of all) for (let i = 0; i < out.length; i++) out[i] += one[i];
  return out;
}

const scaled = (x: Float64Array, factor: number): Float64Array => x.map((v) => factor * v);
