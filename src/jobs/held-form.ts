/**
 * @module jobs/held-form
 *
 * A Fisher in a form that is held, as arrays with their sums by group of examples, beside the estimate of its diagonal; and where the population is
 * the data and there are several draws, the same from the first half of them, which tells the error of draws from that of inputs.
 */
import { parameterCount } from '../model/network.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import type { DiagonalEstimate } from '../fisher/index.js';
import { diagonalArrays } from '../fisher/forms/diagonal/arrays.js';
import { formArrays, manifestLayers } from '../fisher/forms/layers/arrays.js';
import type { Bases, LayerForm } from '../fisher/forms/layers/items.js';
import { planLayers } from '../fisher/forms/layers/layers.js';
import { networkDigests } from '../fisher/sums/digests.js';
import { DrawHalves, GroupedFisher, type KroneckerDamping, recordOf } from '../matrix/index.js';
import type { Sharing } from '../scores/score.js';
import { askedRoot } from './asked-root.js';
import { checkRequest } from './chosen.js';
import { runEstimate } from './estimate.js';
import { groupsFor } from './grouped.js';
import type { LayersAsked } from './layer-shards.js';
import { requireLayersRoom } from './layers-room.js';
import { layersBeside } from './layers.js';
import { denseByGroups } from './matrix/dense-groups.js';
import { drawsApart } from './matrix/draws-apart.js';
import { gramBeside } from './matrix/gram.js';
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

/** What a form is made of. */
interface Made {
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly more: Readonly<Record<string, unknown>>;
  /** Of the scales of ekfac. */
  readonly bases?: Bases | null;
}

/** A form that is held, with what its figures take. */
export interface HeldForm {
  readonly form: MatrixForm;
  readonly diagonal: DiagonalEstimate;
  readonly arrays: ReadonlyMap<string, Tensor>;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly fisher: GroupedFisher;
  /** Where the population is the data and there are two draws an example or more: what tells their errors from those of the inputs. */
  readonly draws: DrawHalves | null;
}

/** The request as forms take it: uniform visits, in exact columns where nothing else is asked for. */
export const plainOf = (request: EstimateRequest) =>
  ({ ...request, visits: 'uniform', estimator: request.estimator ?? 'exact' }) as const;

/** Estimates a form that is held. Throws what `runFormEstimate` throws. */
export async function heldForm(
  subject: EstimateSubject,
  given: EstimateRequest,
  asked: FormRequest,
  listener: EstimateListener,
): Promise<HeldForm> {
  const plain = plainOf(given);
  checkRequest(subject, plain);
  // Once for the diagonal and for what is kept beside it.
  const request = { ...given, root: await askedRoot(subject, plain, listener) };
  const { bases, ...held } = await formed(subject, request, { ...asked, bases: null }, listener);
  const { labels, population, estimator, exactPairs } = held.diagonal;
  if (population !== 'data' || labels < 2 || asked.form === 'gram') return { ...held, draws: null };
  const first = labels >> 1;
  listener.say?.(drawsApart(first, labels));
  const again = {
    ...request,
    estimator,
    exactPairs,
    labels: first,
    error: 'sampled',
    targetError: undefined,
  } as const;
  const quiet = listener.signal ? { signal: listener.signal } : {};
  const half = await formed(subject, again, { ...asked, bases }, quiet);
  return { ...held, draws: new DrawHalves(held.fisher, half.fisher, labels, first) };
}

interface Formed extends Omit<HeldForm, 'draws'> {
  readonly bases: Bases | null;
}

async function formed(
  subject: EstimateSubject,
  request: EstimateRequest,
  asked: FormRequest & { readonly bases: Bases | null },
  listener: EstimateListener,
): Promise<Formed> {
  const { network } = subject;
  const plain = plainOf(request);
  const { form, formOf = () => form as LayerForm, sharing = 'expand', biasApart = false } = asked;
  const plan = !isLayerForm(form)
    ? null
    : planLayers(network, { estimator: 'exact', populationSize: 1, formOf, sharing, biasApart });
  const P = parameterCount(network);
  const kept = plan?.items.reduce((sum, { shape }) => sum + sizeOf(shape), P) ?? P;
  const groupSums = plan ? groupsFor(P, request.memory, kept) : 0;
  if (plan)
    requireLayersRoom(network, { formOf, sharing, biasApart }, request.memory, (memory) =>
      groupsFor(P, memory, kept),
    );
  const diagonal = await runEstimate(subject, { ...plain, groupSums }, listener);
  const layered = { formOf, sharing, biasApart, bases: asked.bases };
  const made: Made = plan
    ? await byLayer(subject, diagonal, { ...plain, groupSums }, layered, listener)
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
  return { form, diagonal, arrays, manifest, fisher, bases: made.bases ?? null };
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

async function byLayer(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  request: EstimateRequest,
  asked: LayersAsked,
  listener: EstimateListener,
): Promise<Made> {
  const made = await layersBeside(
    subject,
    diagonal,
    {
      ...asked,
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
    bases,
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
