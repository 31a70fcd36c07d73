/**
 * @module studies/intervals/targets
 *
 * Runs to a target error, and what they keep: the reported error, the error that was made, and the true standard error of as many visits. The true
 * one of n uniform visits of N is √((1 − n/N) s²/n + 𝒱/(nK)), s² and 𝒱 in closed form over all N; of n weighted ones √(v/n), v the mean
 * that other estimates of 1,000 such visits find.
 */
import { type EstimateRequest, OutOfReach, runEstimate } from 'fim/jobs';
import type { Piece } from '../face/piece.js';
import { likelihood, type StudyNetwork } from './networks.js';
import { ARMS, perNetwork, type Subject, turn } from './subjects.js';

/** What runs to a target kept. */
export interface TargetCell {
  readonly network: string;
  readonly arm: string;
  readonly target: number;
  readonly runs: number;
  /** Shares of runs. */
  readonly reported: number;
  readonly within: number;
  /** Of a true standard error of at most the target. */
  readonly true: number;
  readonly refused: number;
  readonly weighted: number;
  /** Visits, and the rms error over the target. */
  readonly median: number;
  readonly rms: number;
}

/** What is asked of each arm: what the data can give with room to spare. */
const TARGETS: Readonly<Record<string, number>> = { exact: 0.05, 'eigen signs': 0.05, 'one label': 0.2 };
/** Estimates that v is taken from, and their visits. */
const REFERENCES = 40;
const REFERENCE_VISITS = 1000;
/** Exact columns as signs of which none is left to chance: no input is then taken for certain, as none is in a run to a target. */
const ALL_EXACT = { estimator: 'rademacher', exactPairs: 8, labels: 1, error: 'sampled' } as const;

/** Of one run, about, and of the references. */
const SECONDS = 0.4;

/** A piece for each arm of every network. */
export const targetPieces = (
  open: (of: StudyNetwork) => Promise<Subject>,
  runs: number,
): Piece<TargetCell>[] =>
  perNetwork((of) =>
    ARMS.filter(([arm]) => arm in TARGETS).map(([arm, request]): Piece<TargetCell> => ({
      key: `target ${arm}, ${runs} runs`,
      seconds: SECONDS * (runs + REFERENCES),
      run: async ({ signal }) => targetOf(await open(of), request, { arm, runs, signal }),
    })),
  );

async function targetOf(
  subject: Subject,
  request: EstimateRequest,
  {
    arm,
    runs,
    signal,
  }: { readonly arm: string; readonly runs: number; readonly signal: AbortSignal | undefined },
): Promise<TargetCell | null> {
  const { name, truth } = subject;
  const target = TARGETS[arm];
  const asked: EstimateRequest = { ...request, labels: undefined, error: undefined, population: 'data' };
  const trueError = await trueErrors(subject, asked, signal);
  if (trueError === null) return null;
  let [reported, within, kept, refused, weighted, squares] = [0, 0, 0, 0, 0, 0];
  const visits: number[] = [];
  for (let seed = 0; seed < runs; seed++) {
    await turn();
    if (signal?.aborted) return null;
    const { estimate: made, refusal } = await run(subject, { ...asked, targetError: target, seed });
    const { value, standardError } = made.trace;
    if (refusal) refused++;
    if ((standardError ?? Infinity) <= 1.02 * target * value) reported++;
    if (Math.abs(value - truth) <= 1.96 * target * truth) within++;
    if (trueError(made) <= target * truth) kept++;
    if (made.visits === 'weighted') weighted++;
    squares += ((value - truth) / truth) ** 2;
    visits.push(made.examples);
  }
  visits.sort((a, b) => a - b);
  return {
    network: name,
    arm,
    target,
    runs,
    reported: reported / runs,
    within: within / runs,
    true: kept / runs,
    refused: refused / runs,
    weighted: weighted / runs,
    median: visits[Math.floor(runs / 2)],
    rms: Math.sqrt(squares / runs) / target,
  };
}

async function run({ engine, network, dataset }: Subject, request: EstimateRequest) {
  return runEstimate({ engine, network, likelihood, dataset }, request).then(
    (estimate) => ({ estimate, refusal: false }),
    (error: unknown) => {
      if (!(error instanceof OutOfReach)) throw error;
      return { estimate: error.estimate, refusal: true };
    },
  );
}

type Made = Awaited<ReturnType<typeof run>>['estimate'];

/** The true standard error of an estimate of these visits; null where the signal came first. */
async function trueErrors(
  subject: Subject,
  asked: EstimateRequest,
  signal: AbortSignal | undefined,
): Promise<((made: Made) => number) | null> {
  const N = subject.dataset.n;
  const inputs = N * (subject.whole.trace.dataError as number) ** 2;
  const one = await run(subject, { ...asked, labels: 1, error: 'closed-form' });
  const label = asked.estimator === 'exact' ? 0 : N * (one.estimate.trace.labelError as number) ** 2;
  const reference: EstimateRequest = {
    ...asked,
    ...(asked.estimator === 'exact' ? ALL_EXACT : {}),
    examples: REFERENCE_VISITS,
    visits: 'weighted',
  };
  let sum = 0;
  for (let seed = 0; seed < REFERENCES; seed++) {
    await turn();
    if (signal?.aborted) return null;
    const { estimate } = await run(subject, { ...reference, seed: 1e6 + seed });
    sum += (estimate.examples * (estimate.trace.standardError as number) ** 2) / REFERENCES;
  }
  return ({ visits, examples: n, labels }) => {
    if (visits === 'weighted') return Math.sqrt(sum / n);
    return Math.sqrt(((1 - n / N) * inputs + label / Math.max(1, labels)) / n);
  };
}
