/**
 * @module jobs/form-estimate
 *
 * A Fisher in a form other than the diagonal, as something to compute with: the diagonal's estimate beside it, products and solves of the whole,
 * figures with errors from the groups of examples that its sums are kept in.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { parameterCount } from '../model/network.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import type { DiagonalEstimate } from '../fisher/index.js';
import { diagonalArrays } from '../fisher/forms/diagonal/arrays.js';
import { formArrays, manifestLayers } from '../fisher/forms/layers/arrays.js';
import type { LayerForm } from '../fisher/forms/layers/items.js';
import { planLayers } from '../fisher/forms/layers/layers.js';
import { networkDigests } from '../fisher/sums/digests.js';
import {
  type Failure,
  type FigureName,
  figuresOf,
  type FisherMatrix,
  GroupedFisher,
  type KroneckerDamping,
  recordOf,
  type Solved,
  type TopResult,
} from '../matrix/index.js';
import type { Sharing } from '../scores/score.js';
import type { NonlinearFigure } from '../stats/index.js';
import { runEstimate } from './estimate.js';
import { groupsFor } from './grouped.js';
import type { LayersAsked } from './layer-shards.js';
import { layersBeside } from './layers.js';
import { denseByGroups } from './matrix/dense-groups.js';
import { gramBeside } from './matrix/gram.js';
import { figureByFigure, implicitOf } from './matrix/implicit.js';
import type { EstimateListener, EstimateRequest, EstimateSubject } from './request.js';

/** Forms that have a matrix. */
export type MatrixForm = LayerForm | 'dense' | 'gram' | 'implicit';

/** What of the matrix is kept. */
export interface FormRequest {
  /** Of every layer; `dense`: all of it; `gram`: the rows of the examples; `implicit`: nothing, products over the examples in exact columns. */
  readonly form: MatrixForm;
  /** Of single layers, by the name of their weight; default: `form`. */
  readonly formOf?: ((weight: string) => LayerForm) | undefined;
  /** How positions that share a weight make its factors; default `expand`. */
  readonly sharing?: Sharing | undefined;
  /** Whether a bias stands for itself; default false. */
  readonly biasApart?: boolean | undefined;
  /** How λ is added to a Kronecker product: to its eigenvalues, or split between the factors; default `exact`. */
  readonly kroneckerDamping?: KroneckerDamping | undefined;
  /** Writes the file that `save` asks for; default: `writeArrays` of the platform. */
  readonly write?: WriteArrays | undefined;
}

/** Writes named arrays with a manifest to a path. */
export type WriteArrays = (
  path: string,
  arrays: ReadonlyMap<string, Tensor>,
  manifest: Readonly<Record<string, unknown>>,
) => void;

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

/** What a form is made of. */
interface Made {
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly more: Readonly<Record<string, unknown>>;
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
  const { network } = subject;
  const plain = { ...request, visits: 'uniform', estimator: request.estimator ?? 'exact' } as const;
  const { form, formOf = () => form as LayerForm, sharing = 'expand', biasApart = false } = asked;
  const plan = !isLayerForm(form)
    ? null
    : planLayers(network, { estimator: 'exact', populationSize: 1, formOf, sharing, biasApart });
  const P = parameterCount(network);
  const kept = plan?.items.reduce((sum, { shape }) => sum + sizeOf(shape), P) ?? P;
  const groupSums = plan ? groupsFor(P, request.memory, kept) : 0;
  if (form === 'implicit' && plain.estimator !== 'exact') throw exactAlone(plain.estimator);
  const diagonal = await runEstimate(subject, { ...plain, groupSums }, listener);
  if (form === 'implicit') return implicitEstimate(subject, diagonal, plain);
  const made = plan
    ? await byLayer(subject, diagonal, { ...plain, groupSums }, { formOf, sharing, biasApart }, listener)
    : form === 'gram'
      ? await rows(subject, diagonal, plain, listener)
      : await whole(subject, diagonal, plain, listener);
  const arrays = new Map([...diagonalArrays(diagonal), ...made.arrays]);
  const { tensors: _t, layers, groupSums: _g, ...facts } = diagonal;
  const parameterOrder = diagonal.tensors.map(({ name }) => name);
  // What tells whether two files are of the same weights, data and order.
  const digests = {
    order: request.order ?? 'seed',
    parametersHash: networkDigests(network).parameters,
    dataHash: subject.dataset.hash,
  };
  const layerParameters = layers.map(({ name, parameters }) => ({ name, parameters }));
  const manifest = { ...facts, ...made.more, ...digests, form, parameterOrder, layerParameters };
  const record = recordOf([...arrays.keys()], (a) => (arrays.get(a) as Tensor).shape, manifest, 'estimate');
  const fisher = new GroupedFisher(arrays, record, asked.kroneckerDamping ?? 'exact');
  return withFigures(fisher, diagonal, { form, arrays, manifest }, asked.write);
}

const isLayerForm = (form: MatrixForm): form is LayerForm =>
  form !== 'dense' && form !== 'gram' && form !== 'implicit';

async function rows(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  request: EstimateRequest,
  { signal }: EstimateListener,
): Promise<Made> {
  const { arrays, layers, interrupted } = await gramBeside(subject, diagonal, request, {
    ...(signal ? { signal } : {}),
  });
  if (interrupted) throw signal?.reason ?? new DOMException('the estimate was interrupted', 'AbortError');
  return { arrays, more: { layers } };
}

/** Nothing is kept but the diagonal. */
async function implicitEstimate(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  request: EstimateRequest,
): Promise<FormEstimate> {
  const { examples, seed } = diagonal;
  const fisher = await implicitOf(subject, { ...request, examples, seed });
  const figure = figureByFigure(fisher, diagonal, shareLeftOf(diagonal));
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

const shareLeftOf = ({ examples, population, populationSize }: DiagonalEstimate): number =>
  population === 'data' ? Math.max(0, 1 - examples / populationSize) : 1;

async function byLayer(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  request: EstimateRequest,
  asked: Omit<LayersAsked, 'bases'>,
  listener: EstimateListener,
): Promise<Made> {
  const made = await layersBeside(
    subject,
    diagonal,
    {
      ...asked,
      bases: null,
      errors: true,
      order: request.order ?? 'seed',
      root: request.root,
      classWeights: request.classWeights,
      batch: request.batch ?? 256,
      memory: request.memory,
      groupSums: request.groupSums ?? 0,
    },
    { ...(listener.signal ? { signal: listener.signal } : {}), say: (line) => listener.say?.(line) },
  );
  if (!made || made.estimate.interrupted)
    throw listener.signal?.reason ?? new DOMException('the estimate was interrupted', 'AbortError');
  const { estimate, bases } = made;
  const { groupSums } = diagonal;
  const counts = groupSums && tensor('float64', [groupSums.count], groupSums.examples);
  const weights = groupSums && tensor('float64', [groupSums.count], groupSums.weight);
  return {
    arrays: new Map<string, Tensor>([
      ...formArrays(estimate, bases, diagonal),
      ...(counts ? [['groups/examples', counts] as const] : []),
      ...(weights ? [['groups/weight', weights] as const] : []),
    ]),
    more: { layers: manifestLayers(estimate.layers), sharing: estimate.sharing },
  };
}

async function whole(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  request: EstimateRequest,
  listener: EstimateListener,
): Promise<Made> {
  const { estimator, labels, examples, seed, exactPairs } = diagonal;
  const { fisher } = await denseByGroups(subject, {
    estimator: estimator === 'auto' ? 'exact' : estimator,
    ...{ labels, examples, seed, exactPairs, order: request.order ?? 'seed', memory: request.memory },
    ...{ root: request.root, classWeights: request.classWeights },
    signal: listener.signal ?? new AbortController().signal,
  });
  return {
    arrays: fisher.arrays,
    more: { denseOrder: diagonal.tensors.map(({ name }) => name) },
  };
}

function withFigures(
  fisher: GroupedFisher,
  diagonal: DiagonalEstimate,
  { form, arrays, manifest }: Pick<FormEstimate, 'form' | 'arrays' | 'manifest'>,
  write: WriteArrays | undefined,
): FormEstimate {
  const { level } = diagonal;
  const left = shareLeftOf(diagonal);
  const figure = async (name: FigureName, damping: number): Promise<NonlinearFigure> =>
    (await figuresOf(fisher, { damping, top: 0, level, left, only: [name] }))[name];
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
