/**
 * @module fisher/forms/diagonal/scores
 *
 * The diagonal from scores: one pass over the estimator's columns for the value, and one over the exact columns where the errors come
 * from those, over the same forward half.
 */
import type { FloatArray } from '../../../core/tensor.js';
import type { ComponentMoments, Likelihood, Outputs } from '../../../likelihood/types.js';
import type { ColumnSource } from '../../columns.js';
import { exactColumns } from '../../estimators/exact.js';
import { weightedColumns } from '../../example-weights.js';
import { type Batch, columnsOf, type Job, outputsOf } from '../../loop.js';
import { pieceOf, piecesBy, planMemory, shareOf } from '../../memory.js';
import { Scratch } from '../../scratch.js';
import { STRATA, visitColumns, visitWeights } from '../../visits.js';
import { addTotals, setsIn, type TotalLaw } from './groups.js';
import { type Pass, type PassResult, planPass } from './pass.js';
import { type PassPlan, type Planned, planPasses, type Role, spreadOf } from './plan.js';
import type { PassSpec } from './statistics.js';
import { type DiagonalParts, type DiagonalSums, emptyPass, scaleOfDraws } from './sums.js';
import type { Way } from './way.js';

interface Running {
  readonly role: Role;
  readonly planned: Planned;
  readonly pass: Pass;
  readonly scratch: Scratch;
}

/** Passes over scores alone. */
export function scoreDiagonal(job: Job, parts: DiagonalParts): Way {
  const { network, error, draws, weights, design, tilted, estimator } = job;
  const request = { ...job, outputs: outputsOf(job) };
  const plan = parts.plan ?? planPasses(estimator, error, request);
  const roles = rolesOf(plan, parts);
  const sets = setsIn(parts.groups);
  const { batch, chunks, share } = memoryOf(job, roles, sets);
  const sourceOf = (role: Role): ColumnSource => {
    const spread = estimator.oneDraw?.(request).source() ?? exactColumns(request.likelihood, request.outputs);
    const plain = role === 'value' ? (parts.meter?.watch(columnsOf(job)) ?? columnsOf(job)) : spread;
    if (design) return visitColumns(plain, design);
    return weights ? weightedColumns(plain, weights) : plain;
  };
  const running = [...roles].map(([role, planned]): Running => {
    const chunk = chunks.get(role) as number;
    const piece = inPieces(planned, sets) ? pieceOf({ chunk, batch }) : Infinity;
    const own = {
      weighted: weights !== undefined,
      tilted: tilted === true,
      centred: true,
      piece,
      entries: parts.entries,
    };
    const spec = { ...planned.spec, ...own, ...sets };
    const pass = planPass(`diagonal/${role}`, network, spec, sourceOf(role), chunk);
    return { role, planned, pass, scratch: new Scratch() };
  });
  const [[first, { spec }]] = roles;
  const chunk = Math.min(chunks.get(first) as number, spec.columns);
  return {
    graphs: Object.assign({}, ...running.map((r) => r.pass.graphs)) as Way['graphs'],
    batch,
    share,
    doubts: { source: sourceOf(first), columns: spec.columns, chunk, always: false },
    empty: () => {
      const scale = plan.value.law === 'draws' ? scaleOfDraws(draws) : 1;
      const value = emptyPass(job, parts, scale);
      return { value, spread: running.length > 1 ? emptyPass(job, parts, scale) : value };
    },
    run: async (programs, given) => {
      const results: PassResult[] = [];
      for (const { pass } of running) results.push(await pass.run(programs, given));
      return (sums) => {
        running.forEach((one, i) => addPass(results[i], given, sums, one, job, parts));
        if (!design || given.group === STRATA.drawn) parts.meter?.settle(given);
      };
    },
  };
}

/** The passes that are run, in order. */
function rolesOf(plan: PassPlan, { varianceOnly }: DiagonalParts): Map<Role, Planned> {
  if (varianceOnly) {
    const { spec, law } = spreadOf(plan);
    const squares: Planned = {
      spec: { ...spec, label: null, fourth: false, totals: null, peaks: false },
      law,
    };
    return new Map([[plan.spread ? 'spread' : 'value', squares]]);
  }
  return new Map([['value', plan.value], ...(plan.spread ? [['spread', plan.spread] as const] : [])]);
}

/** Whether no more than a piece of a shared weight's score is held: sums over pairs of columns and weights of entries take all together. */
const inPieces = ({ spec }: Planned, sets: Pick<PassSpec, 'weighed'>): boolean =>
  spec.totals !== 'pairs' && (spec.totals === null || !sets.weighed?.length);

/** Largest batch that fits the job's memory, and the columns of a chunk of each pass. */
function memoryOf(
  job: Job,
  roles: ReadonlyMap<Role, Planned>,
  sets: Pick<PassSpec, 'weighed'>,
): { batch: number; chunks: ReadonlyMap<Role, number>; share: number } {
  let { batch } = job;
  let most = 0;
  const chunks = new Map<Role, number>();
  for (const [role, planned] of roles) {
    const { spec } = planned;
    const least = spec.totals === 'gram' || spec.totals === 'pairs' ? 2 : 1;
    const holding = inPieces(planned, sets) ? piecesBy(job.engine) : 'neurons';
    const memory = planMemory(job.network, spec.columns, batch, least, job.budget, holding);
    // Blocks of columns are taken together: fewer examples then.
    const share = spec.label === 'blocks' ? memory.chunk / spec.columns : 1;
    batch = Math.max(1, Math.floor(Math.min(batch, memory.batch) * share));
    chunks.set(role, share < 1 ? spec.columns : memory.chunk);
    most = Math.max(most, shareOf(job.network, memory, job.budget, holding));
  }
  return { batch, chunks, share: most };
}

function addPass(
  result: PassResult,
  batch: Batch,
  sums: DiagonalSums,
  { role, planned, scratch }: Running,
  { likelihood, design }: Job,
  { groups }: DiagonalParts,
): void {
  const { n, weights } = batch;
  const { tensors, totals } = sums[role];
  for (const t of tensors.values()) t.add(n, result, weights);
  if (!planned.spec.totals) return;
  const law = lawOf(planned, likelihood, batch.h);
  const { columns, fixed, totals: kind } = planned.spec;
  const carried = design ? { data: visitWeights(design, batch.indices, n) } : weights;
  addTotals({
    groups,
    sums: totals,
    result,
    law,
    n,
    columns,
    fixed,
    totals: kind,
    scratch,
    weights: carried,
  });
}

/** The law of a pass's totals for the outputs of one batch. */
function lawOf({ law, spec }: Planned, likelihood: Likelihood, h: Outputs): TotalLaw {
  if (law === 'signs') return { kind: 'pairwise', moments: null };
  if (law === 'blocks') return { kind: law, columns: spec.block ?? spec.columns };
  if (law !== 'pairwise') return { kind: law };
  const components = likelihood.components as ComponentMoments;
  const make = (write: (h: Outputs, out: FloatArray) => void) => {
    const out = new Float64Array(h.n * spec.columns);
    write(h, out);
    return out;
  };
  return {
    kind: 'pairwise',
    moments: {
      third: make((o, out) => components.third(o, out)),
      fourth: make((o, out) => components.fourth(o, out)),
      squareThird: make((o, out) => components.squareThird(o, out)),
      pairThird: likelihood.pairThird,
    },
  };
}
