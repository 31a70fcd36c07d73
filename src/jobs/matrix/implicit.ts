/**
 * @module jobs/matrix/implicit
 *
 * The Fisher of which nothing is held, as something to compute with: products over the examples, figures by Lanczos spaces that are made
 * once, the trace of the exact diagonal.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import { batches } from '../../data/batches.js';
import type { Dataset } from '../../data/dataset.js';
import type { DiagonalEstimate, Figure } from '../../fisher/index.js';
import {
  type ExactTraces,
  type FigureName,
  ImplicitFisher,
  implicitFigures,
  type Krylov,
  probeSpaces,
} from '../../matrix/index.js';
import type { NonlinearFigure } from '../../stats/index.js';
import type { EstimateRequest, EstimateSubject } from '../request.js';
import { turn } from '../yielding.js';

/** Groups of examples under the errors. */
export const IMPLICIT_GROUPS = 20;

/** Throws `matrix/weights` for examples that do not weigh the same. */
export function refuseWeights({ exampleWeights, source }: Dataset): void {
  if (exampleWeights === null) return;
  throw new FimError({
    code: 'matrix/weights',
    kind: 'unsupported',
    where: `${source}: example weights`,
    rule: 'rows of the matrix and products with it weigh all examples the same',
    next: setting('form', 'kfac'),
  });
}

/** Products with the Fisher of the examples of a request. Throws `matrix/weights`. */
export function implicitOf(
  { engine, network, likelihood, dataset }: EstimateSubject,
  { order, seed, examples = dataset.n, batch = 256 }: EstimateRequest,
  heard: { readonly signal?: AbortSignal | undefined; hear?(): void } = {},
): Promise<ImplicitFisher> {
  refuseWeights(dataset);
  return ImplicitFisher.compile(
    engine,
    network,
    likelihood,
    (size, dtype) => batches(dataset, { batch: size, dtype, order, seed, examples }),
    {
      examples,
      batch: Math.min(batch, examples),
      pause: async () => {
        await turn();
        heard.signal?.throwIfAborted();
        heard.hear?.();
      },
    },
  );
}

/** Traces of the exact diagonal. */
export const tracesOf = ({ trace, layers }: DiagonalEstimate): ExactTraces => ({
  whole: linear(trace),
  layers: layers.map((layer) => ({ name: layer.name, trace: linear(layer.trace) })),
});

/** A mean as it stands beside what is none. */
const linear = ({ value, standardError, interval }: Figure): NonlinearFigure => ({
  plugIn: value,
  ...{ value, standardError, interval },
});

/** Figures one by one, from spaces that are made at the first that takes them. */
export function figureByFigure(
  fisher: ImplicitFisher,
  diagonal: DiagonalEstimate,
  left: number,
): (name: FigureName, damping: number) => Promise<NonlinearFigure> {
  const request = { top: 0, level: diagonal.level, left, groups: IMPLICIT_GROUPS, seed: diagonal.seed };
  let spaces: Promise<Krylov[]> | null = null;
  return async (name, damping) => {
    const traces = tracesOf(diagonal);
    if (name === 'trace') return traces.whole;
    spaces ??= probeSpaces(fisher, request);
    return (await implicitFigures(fisher, { ...request, damping, traces, spaces: await spaces }))[name];
  };
}
