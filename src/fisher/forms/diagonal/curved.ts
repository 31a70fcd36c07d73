/**
 * @module fisher/forms/diagonal/curved
 *
 * The diagonal by type 2 and by a pooled mix α Î1 + (1 − α) Î2 on the same labels, one α a tensor (fisher/estimators/type-two): one
 * pass whose columns are the exact ones and the labels', one after the other, with the second derivatives along them.
 *
 * Errors as for any estimate: closed form (𝒱2 = D_iᵀ I D_i, P24 Lemma 3.1) or from the spread of draws. Cost: the exact diagonal, plus
 * scores/second/along. The class axis is not taken in chunks: where K × width is large, batches become small.
 */
import type { FloatArray, FloatType } from '../../../core/tensor.js';
import type { ComponentMoments } from '../../../likelihood/types.js';
import type { ColumnSource } from '../../columns.js';
import { planSitePass, type SiteResult } from '../../curved/site-pass.js';
import { exactColumns } from '../../estimators/exact.js';
import { scaleRows, weightedColumns } from '../../example-weights.js';
import { type Batch, columnsOf, type Job } from '../../loop.js';
import { planSites, shareOf } from '../../memory.js';
import { floats } from '../../scratch.js';
import { STRATA, visitColumns, visitWeights } from '../../visits.js';
import { setsIn } from './groups.js';
import { mixedLate, type MixedSpec, mixedStatistic } from './curved-graph.js';
import { addMixedTotals } from './curved-totals.js';
import { type DiagonalParts, type DiagonalSums, emptyPass, scaleOfDraws } from './sums.js';
import type { TensorResult } from './tensor-sums.js';
import type { Way } from './way.js';

/** One pass over scores and second derivatives. */
export function curvedDiagonal(job: Job, parts: DiagonalParts): Way {
  const { network, likelihood, weights, design } = job;
  const { h, parameters } = network;
  const spec = specOf(job);
  const { batch, chunk } = planSites(network, spec.columns + spec.draws, job.batch, job.budget, 'neurons');
  const late = mixedLate(h, spec);
  const { weighed, margins } = setsIn(parts.groups);
  const statistic = mixedStatistic(spec, late);
  const pass = planSitePass('mixed', {
    h,
    parameters,
    late,
    statistic,
    chunk,
    weighed,
    margins,
    entries: parts.entries,
  });
  const labels = columnsOf(job);
  const exact = exactColumns(likelihood, h.shape[1] as number);
  const sampled = spec.error === 'sampled';
  return {
    graphs: pass.graphs,
    batch,
    share: shareOf(
      network,
      { batch, chunk: Math.max(chunk, spec.columns + spec.draws) },
      job.budget,
      'neurons',
    ),
    doubts: {
      source: design ? visitColumns(exact, design) : weights ? weightedColumns(exact, weights) : exact,
      columns: spec.columns,
      chunk: spec.columns,
      always: true,
    },
    empty: () => {
      const one = () => emptyPass(job, parts, sampled ? scaleOfDraws(spec.draws) : 1);
      return { value: one(), spread: one() };
    },
    run: async (programs, given) => {
      const values = fillLate(given, spec, job, { exact, labels }, programs.dtype);
      const result = await pass.run(programs, values, given.n);
      const { w, c = null, third = null } = values;
      const { n, weights: own } = given;
      return (sums) => {
        addSums(sums, result, spec, given);
        const carried = design ? visitWeights(design, given.indices, n) : (own?.data ?? null);
        const host = { n, w, c, third, weights: carried };
        const { value, spread } = sums;
        addMixedTotals({
          groups: parts.groups,
          value: value.totals,
          spread: spread.totals,
          result,
          spec,
          batch: host,
        });
        if (!design || given.group === STRATA.drawn) parts.meter?.settle(given);
      };
    },
  };
}

function specOf({
  network,
  likelihood,
  draws,
  error,
  mix = new Map(),
  weights,
  design,
  tilted,
}: Job): MixedSpec {
  const closed = error !== 'sampled';
  // The mean of the labels' residuals is enough where neither their squares nor their spread is asked for.
  const averaged = closed && [...mix.values()].every((a) => a === 0);
  return {
    columns: likelihood.columnCount(network.h.shape[1] as number),
    draws: averaged ? 1 : draws,
    kind: likelihood.labelKind,
    error: closed ? 'closed-form' : 'sampled',
    alpha: mix,
    weighted: weights !== undefined,
    visits: design !== undefined,
    tilted,
  };
}

/** The sums of every tensor. */
function addSums({ value, spread }: DiagonalSums, result: SiteResult, spec: MixedSpec, batch: Batch): void {
  const { n, weights } = batch;
  const [name, squares] = spec.error === 'sampled' ? ['y', 'y2'] : ['f', 'f2'];
  for (const t of value.tensors.values()) t.add(n, sumsOf(result, 'y', null), weights);
  for (const t of spread.tensors.values()) t.add(n, sumsOf(result, name, squares), weights);
}

/** Sums under the names of forms/diagonal/pass. */
function sumsOf(result: SiteResult, value: string, squares: string | null): TensorResult {
  return {
    sum: (p) => result.sum(value, p),
    linear: (p) => (squares ? result.sum(`${value}o`, p) : null),
    squares: (p) => (squares ? result.sum(squares, p) : null),
    centred: () => null,
    label: (p) => result.sum('v', p),
    terms: (p) => result.peaks('y', p),
    deviations: (p) => result.peaks('v', p),
    tiltedSquares: (p) => (squares ? result.sum(`${squares}o`, p) : null),
    tiltedLabel: (p) => result.sum('vo', p),
  };
}

/** Both sources of a pass. */
interface Sources {
  readonly exact: ColumnSource;
  readonly labels: ColumnSource;
}

/** Late inputs of one batch: cotangents [n, Kc + Kd, T], the exact columns and the labels' residuals, or their mean as one. */
function fillLate(
  batch: Batch,
  spec: MixedSpec,
  { likelihood, draws: K, weights, design }: Job,
  { exact, labels }: Sources,
  dtype: FloatType,
): Record<string, FloatArray> {
  const { h, indices } = batch;
  const { n, T } = h;
  const { columns: Kc, draws: Kd } = spec;
  const columns = new Float64Array(n * Kc * T);
  const w = floats(dtype, n * Kc);
  exact.fill(batch, { from: 0, count: Kc }, columns, w);
  const residuals = new Float64Array(n * K * T);
  labels.fill(batch, { from: 0, count: K }, residuals, new Float64Array(n * K));
  const ct = floats(dtype, n * (Kc + Kd) * T);
  for (let e = 0; e < n; e++) {
    ct.set(columns.subarray(e * Kc * T, (e + 1) * Kc * T), e * (Kc + Kd) * T);
    for (let k = 0; k < K; k++)
      for (let a = 0; a < T; a++) {
        const at = (e * (Kc + Kd) + Kc + (Kd === K ? k : 0)) * T + a;
        ct[at] += residuals[(e * K + k) * T + a] / (Kd === K ? 1 : K);
      }
  }
  const u = floats(dtype, n * Kd).fill(1 / Kd);
  const weighed: Record<string, FloatArray> = {};
  if (design) {
    const own = visitWeights(design, indices, n);
    scaleRows(ct, n, (Kc + Kd) * T, (e) => Math.sqrt(own[e]));
    weighed.o = floats(dtype, n).map((_, e) => 1 / own[e]);
    weighed.root = floats(dtype, n).map((_, e) => Math.sqrt(own[e]));
  } else if (weights) {
    scaleRows(ct, n, (Kc + Kd) * T, (e) => Math.sqrt(weights[indices[e]]));
    weighed.o = floats(dtype, n).map((_, e) => weights[indices[e]]);
    weighed.root = floats(dtype, n).map((_, e) => Math.sqrt(weights[indices[e]]));
  }
  if (spec.kind !== 'pairwise') return { ct, w, u, ...weighed };
  const components = likelihood.components as ComponentMoments;
  const c = floats(dtype, n * Kc);
  const third = floats(dtype, n * Kc);
  components.fourth(h, c);
  components.third(h, third);
  return { ct, w, u, c, third, ...weighed };
}
