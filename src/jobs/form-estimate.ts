/**
 * @module jobs/form-estimate
 *
 * A Fisher in a form other than the diagonal, as something to compute with: the diagonal's estimate beside it, products and solves of the whole,
 * figures with errors from the groups of examples that its sums are kept in.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { Tensor } from '../core/tensor.js';
import type { DiagonalEstimate } from '../fisher/index.js';
import { diagonalArrays } from '../fisher/forms/diagonal/arrays.js';
import {
  type Failure,
  type FigureName,
  figuresOf,
  type FisherMatrix,
  type Solved,
  type TopResult,
} from '../matrix/index.js';
import type { NonlinearFigure } from '../stats/index.js';
import { runEstimate } from './estimate.js';
import {
  type FormRequest,
  type HeldForm,
  heldForm,
  type MatrixForm,
  plainOf,
  type WriteArrays,
} from './held-form.js';
import { shareLeft } from './matrix/file.js';
import { figureByFigure, implicitOf } from './matrix/implicit.js';
import type { EstimateListener, EstimateRequest, EstimateSubject } from './request.js';

/** A Fisher to compute with: mean over examples, sum over outputs. Vectors [P] have the parameters in the order of `layout`. */
export interface FormEstimate extends Pick<
  FisherMatrix,
  'layout' | 'size' | 'multiply' | 'quadratic' | 'solve' | 'sample' | 'toDense'
> {
  /** How it is kept. */
  readonly form: MatrixForm;
  /** The estimate of its diagonal, over the same examples. */
  readonly diagonal: DiagonalEstimate;
  /** (F + λI)⁻¹v of v [P]; a failure says why there is none. */
  solve(v: Float64Array, damping: number): Promise<Solved | Failure>;
  /** log det(F + λI) with its error by groups of examples. */
  logdet(damping: number): Promise<NonlinearFigure>;
  /** tr F(F + λI)⁻¹ with its error. */
  effectiveDimension(damping: number): Promise<NonlinearFigure>;
  /** tr F of the form, with its error: a Kronecker product has another trace than the diagonal. */
  trace(): Promise<NonlinearFigure>;
  /** ‖F‖ with its error. */
  frobenius(): Promise<NonlinearFigure>;
  /** The k largest eigenvalues with their vectors. */
  top(k: number): Promise<TopResult>;
  /** Everything as named arrays, those of a file of `fim estimate --out`. */
  readonly arrays: ReadonlyMap<string, Tensor>;
  /** What a file says beside them. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /**
   * Writes both to a path, `.npz` or `.safetensors`: a file that `fim spectrum`, `solve`, `compare` and `verify` read. Throws
   * `estimate/no-writer`; of `implicit`, which holds nothing, `estimate/nothing-held`.
   */
  save(path: string): void;
  /** Frees what `implicit` computes with, after which it computes no more; of other forms there is nothing to free. */
  dispose(): void;
}

/**
 * Estimates it. Throws what `runEstimate` throws, `fisher/layers` and `fisher/dense-size`.
 * @throws FimError with `batch/from`, `batch/size`, `data/example-weights`, `data/overflow`, `engine/memory`, `estimate/class-weights`,
 * `estimate/no-writer`, `estimate/nothing-held`, `fisher/draws`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/gram`,
 * `fisher/no-examples`, `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`, `fisher/targets`,
 * `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/class-weights`,
 * `likelihood/kernel`, `likelihood/not-finite`, `linalg/lanczos`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`,
 * `matrix/array`, `matrix/cover`, `matrix/damping`, `matrix/groups`, `matrix/record`, `matrix/rows`, `matrix/weights`, `memory/too-small`,
 * `optim/conjugate-gradient`, `order/examples`, `order/replacement`, `random/index`, `random/seed`, `random/sequence`, `stats/level`,
 * `tensor/size`, `usage/auto`, `usage/estimator`, `visits/proxy`
 */
export async function runFormEstimate(
  subject: EstimateSubject,
  request: EstimateRequest,
  asked: FormRequest,
  listener: EstimateListener = {},
): Promise<FormEstimate> {
  if (asked.form !== 'implicit')
    return withFigures(await heldForm(subject, request, asked, listener), asked.write);
  const plain = plainOf(request);
  if (plain.estimator !== 'exact') throw exactAlone(plain.estimator);
  return implicitEstimate(subject, await runEstimate(subject, plain, listener), plain);
}

/** Nothing is kept but the diagonal. */
async function implicitEstimate(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  request: EstimateRequest,
): Promise<FormEstimate> {
  const { examples, seed } = diagonal;
  const fisher = await implicitOf(subject, { ...request, examples, seed });
  const figure = figureByFigure(fisher, diagonal, leftOf(diagonal, false));
  return {
    ...{ form: 'implicit', diagonal, layout: fisher.layout, size: fisher.size },
    ...{ arrays: diagonalArrays(diagonal), manifest: { form: 'implicit' } },
    multiply: (v) => fisher.multiply(v),
    quadratic: (v) => fisher.quadratic(v),
    solve: (v, damping) => fisher.solve(v, damping),
    sample: (damping, draws, draw) => fisher.sample(damping, draws, draw),
    toDense: () => Promise.resolve(null),
    top: (k) => fisher.top(k),
    logdet: (damping) => figure('logdet', damping),
    effectiveDimension: (damping) => figure('effectiveDimension', damping),
    trace: () => figure('trace', 1),
    frobenius: () => figure('frobenius', 1),
    save(path) {
      throw nothingHeld(path);
    },
    dispose: () => fisher.dispose(),
  };
}

const leftOf = ({ examples, population, populationSize, labels }: DiagonalEstimate, told: boolean): number =>
  shareLeft({ examples, population, populationSize, labels: told ? 0 : labels });

function withFigures(
  { form, diagonal, arrays, manifest, fisher, draws }: HeldForm,
  write: WriteArrays | undefined,
): FormEstimate {
  const { level } = diagonal;
  const left = leftOf(diagonal, draws !== null);
  const figure = async (name: FigureName, damping: number): Promise<NonlinearFigure> =>
    (await figuresOf(fisher, { damping, top: 0, level, left, draws, only: [name] }))[name];
  const { whole: matrix } = fisher;
  return {
    ...{ form, diagonal, arrays, manifest, layout: matrix.layout, size: matrix.size },
    multiply: (v) => matrix.multiply(v),
    quadratic: (v) => matrix.quadratic(v),
    solve: (v, damping) => matrix.solve(v, damping),
    sample: (damping, seed, draw) => matrix.sample(damping, seed, draw),
    toDense: () => matrix.toDense(),
    top: (k) => matrix.top(k),
    logdet: (damping) => figure('logdet', damping),
    effectiveDimension: (damping) => figure('effectiveDimension', damping),
    trace: () => figure('trace', 1),
    frobenius: () => figure('frobenius', 1),
    save(path) {
      if (!write) throw noWriter(path);
      write(path, arrays, manifest);
    },
    dispose: () => undefined,
  };
}

const exactAlone = (estimator: string | undefined): FimError =>
  new FimError({
    code: 'usage/estimator',
    kind: 'usage',
    where: setting('form', 'implicit'),
    rule: 'takes products with the matrix in exact columns alone',
    got: setting('estimator', String(estimator)),
    next: setting('estimator', 'exact'),
  });

const nothingHeld = (path: string): FimError =>
  new FimError({
    code: 'estimate/nothing-held',
    kind: 'usage',
    where: `save of ${JSON.stringify(path)}`,
    rule: 'writes what is held of a Fisher; of the implicit form that is nothing',
    next: setting('form', 'gram'),
  });

function noWriter(path: string): FimError {
  return new FimError({
    code: 'estimate/no-writer',
    kind: 'usage',
    where: `save of ${JSON.stringify(path)}`,
    rule: 'needs what writes a file, `write` of the settings of the estimate',
    next: "`estimate` of 'fim' in Node, which has a disk; else formatArrays of `arrays` and `manifest`",
  });
}
