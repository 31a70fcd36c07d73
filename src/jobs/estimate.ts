/**
 * @module jobs/estimate
 *
 * Runs an estimate on a network and a data set: what is left open is chosen by cost, and where a target error was asked a pilot
 * comes first.
 */
import {
  type DiagonalEstimate,
  estimateByLayer,
  estimateDiagonal,
  type ExampleSource,
} from '../fisher/index.js';
import { askedRoot } from './asked-root.js';
import { choicesFor, layerOptions } from './by-layer.js';
import { checkRequest, chosenFor, lossNotes } from './chosen.js';
import { diagonalOptions, sourceOf } from './diagonal-options.js';
import { groupedSource, groupsKept, mingledVisits, stretchOf, visitGroupsKept } from './grouped.js';
import type {
  EstimateListener,
  EstimateRequest,
  EstimateSubject,
  RootedRequest,
  Weighed,
} from './request.js';
import { estimateToTarget } from './target.js';
import { typeTwoNotes } from './type-two.js';
import { chooseVisits, type ChosenVisits, type Visiting } from './visits.js';
import { weighingNotes, weighingOf } from './weighing.js';

export type { EstimateListener, EstimateRequest, EstimateSubject } from './request.js';

/**
 * Decides, pilots where asked, estimates; a mean with weights where the data set has example weights (fisher/example-weights).
 * Throws `OutOfReach` (code `estimate/out-of-reach`, the answer is no), which holds the estimate that the data allow, and
 * `data/example-weights`.
 * @throws FimError with `batch/from`, `batch/size`, `data/overflow`, `engine/memory`, `estimate/class-weights`, `fisher/draws`,
 * `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`,
 * `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/class-weights`, `likelihood/kernel`, `likelihood/not-finite`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `order/examples`, `order/replacement`, `random/index`, `random/seed`,
 * `random/sequence`, `stats/level`, `tensor/size`, `usage/auto`, `visits/proxy`
 */
export async function runEstimate(
  given: EstimateSubject,
  request: EstimateRequest,
  listener: EstimateListener = {},
): Promise<DiagonalEstimate> {
  const { dataset } = given;
  checkRequest(given, request);
  const weighing = weighingOf(dataset);
  const root = await askedRoot(given, request, listener);
  const estimate = await weighedEstimate({ ...given, weighing }, { ...request, root }, listener);
  return {
    ...estimate,
    visitsHash: estimate.visitsHash ?? null,
    notes: [...weighingNotes(weighing, dataset), ...lossNotes(request), ...estimate.notes],
  };
}

async function weighedEstimate(
  subject: Weighed,
  request: RootedRequest,
  listener: EstimateListener,
): Promise<DiagonalEstimate> {
  const { network, likelihood, dataset, weighing } = subject;
  const examples = request.examples ?? weighing.n;
  if (request.estimator === 'auto') return estimateAuto(subject, request, listener);
  const chosen = await chosenFor(subject, request, examples, listener);
  const options = diagonalOptions(subject, request, chosen, listener);
  const visiting: Visiting = { subject, request, chosen, examples, options, listener };
  const noted = (made: DiagonalEstimate): DiagonalEstimate =>
    chosen.estimator === 'type2' ? { ...made, notes: [...made.notes, ...typeTwoNotes(network)] } : made;
  if (request.targetError !== undefined) {
    const { estimate, refusal } = await estimateToTarget(visiting, request.targetError);
    if (!refusal) return noted(estimate);
    throw refusal(noted({ ...estimate, notes: [...weighingNotes(weighing, dataset), ...estimate.notes] }));
  }
  const visits = await chooseVisits(visiting);
  const grouped = groupsKept(request) > 0 ? groupedVisits(visiting, visits) : null;
  const made = await estimateDiagonal(
    subject.engine,
    network,
    likelihood,
    grouped?.source ?? visits?.source ?? sourceOf(subject, request, examples),
    {
      ...options,
      ...visits?.options,
      groupSums: grouped?.count ?? 0,
      foretell: true,
      onBatch: ({ examples: done, trace }) => listener.progress?.(done / examples, trace),
    },
  );
  return noted({ ...made, visitsHash: visits?.hash ?? null });
}

/** The visits by group. */
function groupedVisits(
  { subject, request, examples }: Visiting,
  visits: ChosenVisits | null,
): { readonly source: ExampleSource; readonly count: number } {
  const design = visits?.options.design;
  if (!visits?.list || !design)
    return { source: groupedSource(subject, request, examples), count: groupsKept(request) };
  const { list } = visits;
  const weighted = { indices: list.indices, design, population: request.population ?? 'distribution' };
  const count = visitGroupsKept(request, weighted);
  const mingled = mingledVisits(count, request, weighted);
  return { source: stretchOf(subject.dataset, { list, from: 0, to: examples, groups: 0, mingled }), count };
}

/** Each layer by the estimator that a pilot's closed forms recommend for it. */
async function estimateAuto(
  subject: Weighed,
  request: RootedRequest,
  listener: EstimateListener,
): Promise<DiagonalEstimate> {
  const { engine, network, likelihood, weighing } = subject;
  const examples = request.examples ?? weighing.n;
  const choices = await choicesFor(subject, request, examples, listener);
  const source = groupedSource(subject, request, examples);
  return estimateByLayer(engine, network, likelihood, source, choices, {
    ...layerOptions(subject, request, listener),
    groupSums: groupsKept(request),
  });
}
