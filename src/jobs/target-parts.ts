/**
 * @module jobs/target-parts
 *
 * Estimate to a target error from parts: pilot and main stage stand in their merged sums; the top-ups that all terms together ask for, and
 * whatever follows where the target is missed, are made here, as the run in one makes them. The visits are those of that run.
 */
import { visitsHash } from '../data/order.js';
import type { DiagonalEstimate, FisherSums } from '../fisher/index.js';
import { estimateFromSums } from '../fisher/sums/estimate.js';
import { mergeSums, wholePart } from '../fisher/sums/merge.js';
import { factorOf, proxyOfPart } from '../fisher/proxy/facts.js';
import { setsOf } from '../fisher/forms/diagonal/plain.js';
import { respanned, trailTerms } from '../fisher/forms/diagonal/respan.js';
import type { DecidedEstimate } from './decided-estimate.js';
import type { DecidedTarget } from './decided-visits.js';
import { lossNotes } from './chosen.js';
import { diagonalOptions } from './diagonal-options.js';
import { between } from './grouped.js';
import { knownOf, mergedShards, mergeShards } from './merge-shards.js';
import type { EstimateListener, EstimateSubject } from './request.js';
import { shardSums } from './shard.js';
import { MOST_TOP_UPS, type StageFacts, StagedPlan } from './staged-plan.js';
import { goOn, plainRun, type Reached } from './target.js';
import { onePilot } from './out-of-reach.js';
import { typeTwoNotes } from './type-two.js';
import type { Visiting } from './visits.js';
import { weighingNotes, weighingOf } from './weighing.js';

/** What the parts came to. */
export interface Settled extends Reached {
  /** As it was decided, with the visits and the draws that the estimate is of. */
  readonly decided: DecidedEstimate;
}

/**
 * The estimate that `runEstimate` gives to the same target, and why the answer is no where the data do not reach it. `decided` has a target.
 * Throws what `mergeShards` and `shardSums` throw.
 * @throws FimError with `batch/from`, `batch/size`, `data/example-weights`, `data/overflow`, `engine/memory`, `estimate/decided`,
 * `estimate/no-shards`, `estimate/shard`, `estimate/shards-missing`, `estimate/stranger`, `fisher/draws`, `fisher/entry-weights`,
 * `fisher/exact-pairs`, `fisher/groups`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`,
 * `fisher/quadratic`, `fisher/sums-differ`, `fisher/sums-overlap`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`,
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `order/examples`, `order/replacement`, `random/index`, `random/seed`,
 * `random/sequence`, `stats/level`, `tensor/size`, `visits/proxy`
 */
export async function settleTarget(
  given: EstimateSubject,
  decided: DecidedEstimate,
  sums: readonly FisherSums<'diagonal'>[],
  listener: EstimateListener = {},
  level: number | undefined = decided.request.level,
): Promise<Settled> {
  const target = decided.target as DecidedTarget;
  const of = visitingOf(given, { ...decided, request: { ...decided.request, level } }, target, listener);
  const { weighing, dataset } = of.subject;
  const N = Math.min(target.most, weighing.n);
  const said = (made: DiagonalEstimate): DiagonalEstimate => ({
    ...made,
    notes: [
      ...weighingNotes(weighing, dataset),
      ...lossNotes(of.request),
      ...made.notes,
      ...(decided.estimator === 'type2' ? typeTwoNotes(given.network) : []),
    ],
  });
  if (N < 2) return { estimate: said(await plainRun(of, N)), refusal: onePilot(target.error), decided };
  const plan = new StagedPlan(of, target.error, N, decided.proxies, decided.design !== null);
  const topped = await topUps(given, plan, decided, mergedShards(sums), listener);
  const staged = mergeShards([topped.sums], { decided: topped.decided, level });
  const { estimate, refusal } = await goOn(plan, staged, decided.proxies);
  if (estimate === staged) return { estimate, refusal, decided: topped.decided };
  const { examples, labels } = estimate;
  const uniform = { list: null, visitsHash: null, design: null, stages: [examples] };
  return { estimate: said(estimate), refusal, decided: { ...decided, ...uniform, examples, labels } };
}

function visitingOf(
  given: EstimateSubject,
  decided: DecidedEstimate,
  { labels, most }: DecidedTarget,
  listener: EstimateListener,
): Visiting {
  const subject = { ...given, weighing: weighingOf(given.dataset) };
  const weights = (all: DecidedEstimate['functionals']) =>
    all.map(({ name, weights: w }) => ({ name, weights: new Map(Object.entries(w)) }));
  const request = {
    ...decided.request,
    labels: labels ?? undefined,
    functionals: weights(decided.functionals),
    quadratics: weights(decided.quadratics),
  };
  const options = {
    ...diagonalOptions(subject, request, decided, listener),
    ...(decided.mix ? { mix: new Map(Object.entries(decided.mix)) } : {}),
  };
  return { subject, request, chosen: decided, examples: most, options, listener };
}

interface Topped {
  readonly sums: FisherSums<'diagonal'>;
  readonly decided: DecidedEstimate;
}

/** Adds stages until neither the target nor the terms ask for more, or the visits end. */
async function topUps(
  given: EstimateSubject,
  plan: StagedPlan,
  decided: DecidedEstimate,
  merged: FisherSums<'diagonal'>,
  listener: EstimateListener,
): Promise<Topped> {
  let topped: Topped = { sums: merged, decided };
  const { pilot } = plan;
  const first = decided.examples > pilot ? 2 : MOST_TOP_UPS + 2;
  for (let stage = first; stage <= MOST_TOP_UPS + 1; stage++) {
    const done = topped.decided.examples;
    const to = plan.next(stage, factsOf(topped), done);
    if (to <= done || listener.signal?.aborted) break;
    listener.say?.(`${to - done} visits more than the ${done} of the parts: made by the merge`);
    topped = await further(given, plan, topped, to, listener);
  }
  return topped;
}

/** Visits up to `to` besides. */
async function further(
  given: EstimateSubject,
  plan: StagedPlan,
  { sums, decided }: Topped,
  to: number,
  listener: EstimateListener,
): Promise<Topped> {
  const list = decided.list && between(plan.list, 0, to);
  const longer: DecidedEstimate = {
    ...decided,
    ...{ list, visitsHash: list && visitsHash(list), examples: to, stages: [...decided.stages, to] },
  };
  const more = await shardSums(given, longer, { from: decided.examples, to }, listener);
  return { sums: mergeSums(respanned(sums, more), more), decided: longer };
}

/** What a plan goes by, from sums. */
function factsOf({ sums, decided }: Topped): StageFacts {
  const part = wholePart(sums);
  const known = knownOf(sums, decided);
  const { trace, examples } = estimateFromSums(sums, { visits: known });
  const proxies = proxyOfPart(part);
  const whole = known.proxies?.whole ?? 0;
  const total = setsOf(sums.subject).findIndex(({ kind }) => kind === 'total');
  return {
    examples,
    trace: () => trace,
    terms: () => trailTerms(part, total),
    factor: () => (proxies ? factorOf(proxies.moments, whole) : 1),
  };
}
