/**
 * @module fisher/closed-forms/profile
 *
 * The variance profile of a network: per parameter, averaged over the examples, the Fisher, the variance of one label under type 1 and
 * type 2, their covariance, the variance of the oracle mix and certified bounds, in closed form (fisher/closed-forms/profile-graph), in the
 * shape of each tensor. Nothing of size batch × P, no P⁴ tensor.
 *
 * Sums may be kept apart for groups of batches, for jackknife errors over the inputs. `support` bounds of a family whose columns
 * enumerate something else than labels (quadrature nodes) do not exist, and are left out.
 */
import { FimError } from '../../core/errors.js';
import { settings } from '../../core/settings/reference.js';
import { type FloatArray, type FloatType, sizeOf, type TypedArray } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import { outputs as batchOutputs } from '../../likelihood/batch.js';
import type { ComponentMoments, Likelihood, Outputs } from '../../likelihood/types.js';
import { type Network, parameterCount } from '../../model/network.js';
import { requireExamples } from '../checks.js';
import { below, finite, oddNumber, type Trouble } from '../finite.js';
import { DEFAULT_BUDGET, givenBudget, planSites } from '../memory.js';
import { Passes } from '../passes.js';
import type { ExampleSource } from '../source.js';
import { constantNames, familyConstants } from './constants.js';
import { inNaturalForm } from '../curved/natural.js';
import { profileLate, type ProfileSpec, profileStatistic } from './profile-graph.js';
import { planSitePass } from '../curved/site-pass.js';
import { floats } from '../scratch.js';

/** Upper bounds that hold for every network, in float64, by name. */
export const TYPE_ONE_BOUNDS = ['matrix', 'softmax', 'range', 'spread'] as const;
/** Names of the bounds on the variance of type 2. */
export const TYPE_TWO_BOUNDS = ['matrix', 'softmax', 'range'] as const;

/** Means over examples for one tensor, arrays in its shape, for one label at each example. */
export interface TensorProfile {
  /** Name of the parameter. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** E 𝔽_ii [size]. */
  readonly fisher: Float64Array;
  /** E 𝔽_ii² [size]: with `fisher`, the variance over inputs that all estimators share (P24 Thm 4.7). */
  readonly fisherSquared: Float64Array;
  /** E 𝒱1 [size]. */
  readonly type1: Float64Array;
  /** E 𝒱2 [size]. */
  readonly type2: Float64Array;
  /** E C [size]. */
  readonly cross: Float64Array;
  /** Of the mix that is best for every element and input [size]. */
  readonly oracle: Float64Array;
  /** E of each certified bound of 𝒱1 that this family has, by name (variance/bounds). */
  readonly bounds1: ReadonlyMap<string, Float64Array>;
  /** E of each certified bound of 𝒱2 that this family has, by name. */
  readonly bounds2: ReadonlyMap<string, Float64Array>;
}

/** Closed-form variances of both estimators by tensor, means over the examples. */
export interface Profile {
  /** Examples that went in. */
  readonly examples: number;
  /** One entry for each parameter. */
  readonly tensors: readonly TensorProfile[];
  /** Parameters that were taken entry by entry. */
  readonly slow: readonly string[];
}

/** Batch, memory and groups of `varianceProfile`. */
export interface ProfileOptions {
  /** Examples of a pass. */
  readonly batch?: number | undefined;
  /** Numbers that the largest array of a pass may hold. */
  readonly budget?: number | undefined;
  /** Bytes that the passes may hold, their sums included; where no `budget` is given (fisher/memory). */
  readonly memory?: number | undefined;
  /** Hears what takes the examples again, before they are gone through. */
  readonly say?: ((line: string) => void) | undefined;
  /** Ends the passes after the batch in hand; what is there is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Batches are dealt out to this many groups, in turn. Default 1. */
  readonly groups?: number;
}

interface GroupSums {
  examples: number;
  readonly sums: Map<string, Float64Array>;
}

/** Profiles of all examples and of each group. */
export interface ProfileResult {
  /** Over all examples. */
  readonly all: Profile;
  /** Over each group of batches. */
  readonly groups: readonly Profile[];
  /** Whether `signal` ended the passes early. */
  readonly interrupted: boolean;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

/**
 * The profile of each group of batches, and of all. Throws `fisher/no-examples`, and `fisher/not-finite` where a mean is NaN or ∞ in
 * float64; a bound that is ∞ there bounds nothing and is left out.
 * @throws FimError with `engine/memory`, `fisher/output-not-finite`, `fisher/positions`, `graph/examples-coupled`, `graph/shape`,
 * `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`,
 * `linalg/shape`, `memory/too-small`, `tensor/size`
 */
export async function varianceProfile(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: ProfileOptions = {},
): Promise<ProfileResult> {
  const { result, note } = await finite({
    engine,
    network,
    source,
    run: (e, n, s) => profileOnce(e, n, likelihood, s, options),
    trouble: ({ all }) => (all.examples === 0 ? null : profileTrouble(all)),
    lost: ({ all }) => below(all.tensors),
    zero: ({ all }) => below(all.tensors, 0),
    interrupted: (r) => r.interrupted,
    say: options.say,
  });
  return note === null ? result : { ...result, notes: [note] };
}

const MEANS = ['fisher', 'fisherSquared', 'type1', 'type2', 'cross', 'oracle'] as const;

function profileTrouble({ tensors }: Profile): Trouble | null {
  for (const t of tensors) {
    for (const q of MEANS) {
      const odd = oddNumber(t[q]);
      if (odd) return { tensor: t.name, got: `${odd} in ${q}` };
    }
    for (const [name, values] of [...t.bounds1, ...t.bounds2]) {
      const odd = oddNumber(values);
      if (odd) return { tensor: t.name, got: `${odd} in the bound ${name}` };
    }
  }
  return null;
}

function onePosition(T: number): FimError {
  return new FimError({
    code: 'fisher/positions',
    kind: 'unsupported',
    where: `network output [N, ${T}]`,
    rule: 'variances of both types are those of one choice for each example',
    got: 'a choice at each of several positions',
    next: `export the logits of one position, or take the error of an estimate: ${settings({ estimator: 'type1', error: 'closed-form' })}`,
  });
}

async function profileOnce(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: ProfileOptions,
): Promise<ProfileResult> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const T = network.h.shape[1] as number;
  likelihood.checkOutputs(T);
  if (likelihood.repeated) throw onePosition(T);
  const spec: ProfileSpec = {
    outputs: T,
    columns: likelihood.columnCount(T),
    kind: likelihood.labelKind,
    unit: likelihood.unitColumns,
    constants: constantNames(likelihood, T),
  };
  const quantities = quantityNames(spec);
  // The sums of each group and of all, and the means made of them.
  const sums = 2 * 8 * quantities.length * parameterCount(network) * ((options.groups ?? 1) + 1);
  const { batch, chunk } = planSites(
    network,
    Math.max(T, spec.columns),
    options.batch ?? 256,
    options.budget ?? givenBudget(network, options.memory, sums) ?? DEFAULT_BUDGET,
    'neurons',
  );
  const late = profileLate(network.h, spec);
  const { h, parameters } = network;
  const statistic = profileStatistic(spec, late);
  const pass = planSitePass('profile', { h, parameters, late, statistic, chunk });
  const groups = Array.from({ length: options.groups ?? 1 }, (): GroupSums => ({
    examples: 0,
    sums: new Map(),
  }));
  const programs = await Passes.compile(engine, network, pass.graphs, batch);
  let interrupted = false;
  let index = 0;
  try {
    for (const { n, indices, inputs } of source(batch, programs.dtype)) {
      interrupted = options.signal?.aborted ?? false;
      if (interrupted) break;
      const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
      const outputs = batchOutputs(await programs.forward(data, n), n, programs.outputs);
      likelihood.checkDomain(outputs, indices);
      const result = await pass.run(programs, fillLate(outputs, likelihood, spec, programs.dtype), n);
      const group = groups[index++ % groups.length];
      group.examples += n;
      for (const p of parameters.keys())
        for (const q of quantities) addSum(group.sums, `${q}/${p}`, result.sum(q, p));
    }
  } finally {
    programs.dispose();
  }
  const make = (sums: GroupSums) => profileOf(network, sums, quantities, pass.slow);
  const whole = together(groups);
  requireExamples(whole.examples, interrupted, 'variance profile');
  const all = make(whole);
  // In float64 what is not finite is no fault of the precision: such a bound says nothing.
  const silent = programs.dtype === 'float64' ? boundless(all) : new Set<string>();
  const parts = [all, ...groups.map(make)].map((p) => withoutBounds(p, silent));
  return { all: parts[0], groups: parts.slice(1), interrupted, notes: [] };
}

/** Bounds that are not finite for some entry, as `1/range`. */
function boundless({ tensors }: Profile): Set<string> {
  const found = new Set<string>();
  for (const t of tensors) {
    for (const [name, values] of t.bounds1) if (oddNumber(values)) found.add(`1/${name}`);
    for (const [name, values] of t.bounds2) if (oddNumber(values)) found.add(`2/${name}`);
  }
  return found;
}

function withoutBounds(profile: Profile, silent: ReadonlySet<string>): Profile {
  if (silent.size === 0) return profile;
  const kept = (bounds: ReadonlyMap<string, Float64Array>, type: number) =>
    new Map([...bounds].filter(([name]) => !silent.has(`${type}/${name}`)));
  return {
    ...profile,
    tensors: profile.tensors.map((t) => ({ ...t, bounds1: kept(t.bounds1, 1), bounds2: kept(t.bounds2, 2) })),
  };
}

function quantityNames(spec: ProfileSpec): string[] {
  const has = (bound: string) =>
    bound === 'softmax'
      ? spec.constants.includes('softmax')
      : bound === 'matrix'
        ? spec.constants.includes('fourth')
        : spec.kind === 'enumerated' || spec.constants.includes('support');
  return [
    ...['fisher', 'fisher2', 'type1', 'type2', 'cross', 'oracle'],
    ...TYPE_ONE_BOUNDS.filter(has).map((b) => `bound1/${b}`),
    ...TYPE_TWO_BOUNDS.filter(has).map((b) => `bound2/${b}`),
  ];
}

function addSum(sums: Map<string, Float64Array>, key: string, part: FloatArray | null): void {
  if (!part) return;
  const sum = sums.get(key) ?? new Float64Array(part.length);
  for (let i = 0; i < part.length; i++) sum[i] += part[i];
  sums.set(key, sum);
}

function together(groups: readonly GroupSums[]): GroupSums {
  const all: GroupSums = { examples: 0, sums: new Map() };
  for (const g of groups) {
    all.examples += g.examples;
    for (const [key, part] of g.sums) addSum(all.sums, key, part);
  }
  return all;
}

function profileOf(
  network: Network,
  { examples, sums }: GroupSums,
  quantities: readonly string[],
  slow: readonly string[],
): Profile {
  const tensors = [...network.parameters].map(([name, v]): TensorProfile => {
    const shape = v.shape as readonly number[];
    const mean = (q: string) => {
      const sum = sums.get(`${q}/${name}`) ?? new Float64Array(sizeOf(shape));
      return sum.map((x) => x / examples);
    };
    const bounds = (kind: string) =>
      new Map(
        quantities.filter((q) => q.startsWith(kind)).map((q) => [q.slice(kind.length), mean(q)] as const),
      );
    return {
      name,
      shape,
      fisher: mean('fisher'),
      fisherSquared: mean('fisher2'),
      type1: mean('type1'),
      type2: mean('type2'),
      cross: mean('cross'),
      oracle: mean('oracle'),
      bounds1: bounds('bound1/'),
      bounds2: bounds('bound2/'),
    };
  });
  return { examples, tensors, slow };
}

function fillLate(
  h: Outputs,
  likelihood: Likelihood,
  spec: ProfileSpec,
  dtype: FloatType,
): Record<string, FloatArray> {
  const { n, T } = h;
  const K = spec.columns;
  const ct = floats(dtype, n * T * T);
  for (let j = 0; j < n * T; j++) ct[j * T + (j % T)] = 1;
  const delta = floats(dtype, n * K * T);
  const w = floats(dtype, n * K);
  likelihood.columns(h, delta, w);
  const late: Record<string, FloatArray> = { ct, delta, w };
  if (spec.kind === 'pairwise') {
    const components = likelihood.components as ComponentMoments;
    components.fourth(h, (late.c = floats(dtype, n * K)));
    components.third(h, (late.third = floats(dtype, n * K)));
  }
  const constants = familyConstants(likelihood, h);
  const cast = (a: Float64Array): FloatArray => (dtype === 'float64' ? a : Float32Array.from(a));
  for (const name of ['information', 'fourth', 'softmax'] as const) {
    const values = constants[name];
    if (values) late[name] = cast(values);
  }
  if (constants.support) {
    late.least = cast(constants.support.least);
    late.largest = cast(constants.support.largest);
  }
  return late;
}
