/**
 * @module doors/estimate
 *
 * The short way to a Fisher: a network, a likelihood and data in, numbers with error bars out. Whoever has a disk says how `save` writes.
 */
import { FimError } from '../core/errors.js';
import type { Dataset } from '../data/dataset.js';
import type { DiagonalEstimate } from '../fisher/index.js';
import type { Labels, Likelihood } from '../likelihood/types.js';
import {
  type EstimateListener,
  type EstimateRequest,
  type FormEstimate,
  type FormRequest,
  runEstimate,
  runFormEstimate,
} from '../jobs/index.js';
import { checkFirstExamples, openEngine } from '../jobs/open/index.js';
import type { Network } from '../model/index.js';

/** Settings of `estimate`: everything of a request and a listener, with the engine and the targets. */
export interface EstimateOptions extends EstimateRequest, EstimateListener {
  /** Labels for the empirical Fisher: `likelihood.readTargets(…)`; default: the targets of the data set. */
  readonly targets?: Labels | null;
  /** Default `auto`: by the operators and the size of the network. */
  readonly engine?: 'auto' | 'ort' | 'small';
  /** Threads inside one operator of ONNX Runtime; default 1. */
  readonly threads?: number;
  /** `as-it-stands`: the output is the natural parameter even where it looks like probabilities. */
  readonly outputIs?: 'natural' | 'as-it-stands';
}

/** Examples per pass where nothing is said. */
const BATCH = 256;

/**
 * The diagonal of the Fisher information matrix, mean over examples, sum over outputs, with the standard error of every number: the
 * same engine, checks and numbers as `fim estimate`. Makes an engine of the right size, uses it and gives it back; to keep one, see
 * `runEstimate` here and `createEngine` in `fim/engine`.
 *
 * Throws `data/targets`, `model/probabilities`, `model/examples-coupled` and what `runEstimate` throws.
 * @throws FimError with `batch/from`, `batch/size`, `data/example-weights`, `data/overflow`, `engine/name`, `engine/ort-broken`,
 * `engine/ort-missing`, `engine/threads`, `estimate/class-weights`, `fisher/draws`, `fisher/entry-weights`, `fisher/exact-pairs`,
 * `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`, `fisher/targets`,
 * `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/class-weights`,
 * `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `order/examples`,
 * `order/replacement`, `random/index`, `random/seed`, `random/sequence`, `stats/level`, `tensor/size`, `usage/auto`, `visits/proxy`
 */
export function estimate(
  network: Network,
  likelihood: Likelihood,
  dataset: Dataset,
  options?: EstimateOptions & { readonly form?: 'diagonal' },
): Promise<DiagonalEstimate>;
/** The same in another form, as a matrix to compute with: products, solves, determinants, eigenpairs, draws. */
export function estimate(
  network: Network,
  likelihood: Likelihood,
  dataset: Dataset,
  options: EstimateOptions & FormRequest,
): Promise<FormEstimate>;
/** Either. */
export async function estimate(
  network: Network,
  likelihood: Likelihood,
  dataset: Dataset,
  options: EstimateOptions & Partial<FormRequest> = {},
): Promise<DiagonalEstimate | FormEstimate> {
  const { targets: given = null, engine: name, threads, outputIs, form = 'diagonal', ...plain } = options;
  const { formOf, sharing, biasApart, kroneckerDamping, write, ...request } = plain;
  const T = network.h.shape[1] as number;
  likelihood.checkOutputs(T);
  const targets = request.estimator === 'empirical' ? (given ?? readTargets(likelihood, dataset, T)) : given;
  const batch = Math.min(request.batch ?? BATCH, dataset.n);
  const { engine, reason } = await openEngine(network, likelihood, { engine: name, threads, batch });
  // What computes with the network later keeps its engine.
  let kept = false;
  try {
    request.say?.(reason);
    await checkFirstExamples(engine, network, dataset, { outputIs, likelihood: likelihood.name });
    const subject = { engine, network, likelihood, dataset, targets };
    if (form === 'diagonal' && !formOf) return await runEstimate(subject, { ...request, batch }, request);
    const asked = { form, formOf, sharing, biasApart, kroneckerDamping, write };
    const made = await runFormEstimate(subject, { ...request, batch }, asked, request);
    if (form !== 'implicit') return made;
    kept = true;
    const dispose = (): void => {
      made.dispose();
      engine.dispose();
    };
    return { ...made, dispose };
  } finally {
    if (!kept) engine.dispose();
  }
}

function readTargets(likelihood: Likelihood, dataset: Dataset, T: number): Labels {
  const { targets, n, source } = dataset;
  if (targets) return likelihood.readTargets(targets, n, T, { where: `${source}: targets` });
  throw new FimError({
    code: 'data/targets',
    where: source,
    rule: 'the empirical Fisher is taken at the targets of the data',
    got: 'a data set without targets',
    next: "openDataset('data.npz', network, { targets: 'y' })",
  });
}
