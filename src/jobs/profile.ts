/**
 * @module jobs/profile
 *
 * Profiles the variance of the Fisher by layer: per layer, over its diagonal entries and averaged over the inputs,
 * for one label per example,
 *
 *   fisher = mean_i E 𝓘_ii      sd1, sd2 = mean_i √E 𝒱_ii      bound1, bound2 = mean_i √(min over certified bounds of E bound_i)
 *
 * with standard errors by a jackknife over groups of inputs, and the paper's rule (P24 §5): type 2 in the last layer and wherever it is exact,
 * else the type with the smaller variance.
 */
import type { Engine } from '../engine/types.js';
import type { ExampleSource } from '../fisher/index.js';
import { typeTwoIsExact } from '../scores/second/exactness.js';
import { type Profile, type TensorProfile, varianceProfile } from '../fisher/closed-forms/profile.js';
import type { Likelihood } from '../likelihood/types.js';
import { layersOf } from '../model/layers.js';
import type { Network } from '../model/network.js';

/** Groups of inputs that the jackknife leaves out in turn. */
const GROUPS = 20;

/** A layer's figure with its standard error over inputs. */
export interface Jackknifed {
  readonly value: number;
  /** NaN where there are too few inputs. */
  readonly se: number;
}

export interface LayerStructure {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly fisher: Jackknifed;
  readonly sd1: Jackknifed;
  readonly sd2: Jackknifed;
  /** Null where the family has no certified bound. */
  readonly bound1: Jackknifed | null;
  readonly bound2: Jackknifed | null;
  readonly bound1Name: string | null;
  readonly bound2Name: string | null;
  readonly paperRule: string;
  /** Why, in words. */
  readonly paperReason: string;
}

export interface Structure {
  readonly examples: number;
  readonly layers: readonly LayerStructure[];
  readonly profile: Profile;
  readonly interrupted: boolean;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

export interface StructureOptions {
  readonly examples: number;
  readonly batch?: number;
  /** Bytes that the passes may hold. */
  readonly memory?: number | undefined;
  /** Hears what takes the examples again, before they are gone through. */
  readonly say?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal;
}

/** Profiles a network layer by layer. */
export async function structureOf(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: StructureOptions,
): Promise<Structure> {
  const batch = Math.max(1, Math.min(options.batch ?? 256, Math.floor(options.examples / GROUPS)));
  const { all, groups, interrupted, notes } = await varianceProfile(engine, network, likelihood, source, {
    batch,
    groups: GROUPS,
    memory: options.memory,
    say: options.say,
    signal: options.signal,
  });
  const used = groups.filter((g) => g.examples > 0);
  const layers = layersOf(network);
  const last = layers[layers.length - 1]?.name;
  return {
    examples: all.examples,
    layers: layers.map(({ name, parameters }) => {
      const figures = layerFigures(all, parameters);
      const left = used.map((g) => layerFigures(without(all, g, parameters), parameters));
      const figure = (pick: (f: LayerFigures) => number | null): Jackknifed => ({
        value: pick(figures) as number,
        se: jackknife(left.map((f) => pick(f) as number)),
      });
      return {
        name,
        parameters,
        fisher: figure((f) => f.fisher),
        sd1: figure((f) => f.sd1),
        sd2: figure((f) => f.sd2),
        bound1: figures.bound1 === null ? null : figure((f) => f.bound1),
        bound2: figures.bound2 === null ? null : figure((f) => f.bound2),
        bound1Name: figures.bound1Name,
        bound2Name: figures.bound2Name,
        ...paperRule(network, parameters, figures, name === last),
      };
    }),
    profile: all,
    interrupted,
    notes,
  };
}

interface LayerFigures {
  readonly fisher: number;
  readonly sd1: number;
  readonly sd2: number;
  readonly bound1: number | null;
  readonly bound2: number | null;
  readonly bound1Name: string | null;
  readonly bound2Name: string | null;
}

function layerFigures(profile: Pick<Profile, 'tensors'>, parameters: readonly string[]): LayerFigures {
  const tensors = profile.tensors.filter((t) => parameters.includes(t.name));
  const count = tensors.reduce((sum, t) => sum + t.fisher.length, 0);
  const mean = (term: (t: TensorProfile, i: number) => number): number => {
    let sum = 0;
    for (const t of tensors) for (let i = 0; i < t.fisher.length; i++) sum += term(t, i);
    return sum / count;
  };
  const root = (x: number) => Math.sqrt(Math.max(0, x));
  const [bound1, bound1Name] = tightest(tensors, (t) => t.bounds1);
  const [bound2, bound2Name] = tightest(tensors, (t) => t.bounds2);
  return {
    fisher: mean((t, i) => t.fisher[i]),
    sd1: mean((t, i) => root(t.type1[i])),
    sd2: mean((t, i) => root(t.type2[i])),
    bound1,
    bound2,
    bound1Name,
    bound2Name,
  };
}

/** Mean over entries of the root of the smallest bound, and the bound that is smallest most often. */
function tightest(
  tensors: readonly TensorProfile[],
  boundsOf: (t: TensorProfile) => ReadonlyMap<string, Float64Array>,
): [number | null, string | null] {
  const wins = new Map<string, number>();
  let sum = 0;
  let count = 0;
  for (const t of tensors) {
    const bounds = [...boundsOf(t)];
    if (bounds.length === 0) return [null, null];
    for (let i = 0; i < t.fisher.length; i++) {
      let best = bounds[0];
      for (const b of bounds) if (b[1][i] < best[1][i]) best = b;
      sum += Math.sqrt(Math.max(0, best[1][i]));
      wins.set(best[0], (wins.get(best[0]) ?? 0) + 1);
      count += 1;
    }
  }
  const [name] = [...wins].reduce((a, b) => (b[1] > a[1] ? b : a));
  return [sum / count, name];
}

/** The profile of the parameters over all inputs but those of one group. */
function without(all: Profile, group: Profile, parameters: readonly string[]): Pick<Profile, 'tensors'> {
  const n = all.examples - group.examples;
  const rest = (a: Float64Array, g: Float64Array): Float64Array =>
    a.map((x, i) => (x * all.examples - g[i] * group.examples) / n);
  const rests = (a: ReadonlyMap<string, Float64Array>, g: ReadonlyMap<string, Float64Array>) =>
    new Map([...a].map(([name, x]) => [name, rest(x, g.get(name) as Float64Array)]));
  const tensors = all.tensors.flatMap((t, k): TensorProfile[] => {
    if (!parameters.includes(t.name)) return [];
    const g = group.tensors[k];
    return [
      {
        ...t,
        fisher: rest(t.fisher, g.fisher),
        fisherSquared: rest(t.fisherSquared, g.fisherSquared),
        type1: rest(t.type1, g.type1),
        type2: rest(t.type2, g.type2),
        bounds1: rests(t.bounds1, g.bounds1),
        bounds2: rests(t.bounds2, g.bounds2),
      },
    ];
  });
  return { tensors };
}

/** √((m−1)/m Σ (θ_(j) − mean)²) over the m leave-one-out values. */
function jackknife(values: readonly number[]): number {
  const m = values.length;
  if (m < 2) return NaN;
  const mean = values.reduce((a, b) => a + b, 0) / m;
  return Math.sqrt(((m - 1) / m) * values.reduce((sum, v) => sum + (v - mean) ** 2, 0));
}

/** P24 §5 for the parameters of one layer. */
function paperRule(
  network: Network,
  parameters: readonly string[],
  { sd1, sd2 }: LayerFigures,
  last: boolean,
): Pick<LayerStructure, 'paperRule' | 'paperReason'> {
  if (typeTwoIsExact(network, parameters)) {
    const where = last ? 'last layer: type 2 = exact' : 'type 2 = exact here';
    return { paperRule: 'type2', paperReason: `${where}, without variance` };
  }
  return sd2 < sd1
    ? { paperRule: 'type2', paperReason: 'by value: sd2 < sd1' }
    : { paperRule: 'type1', paperReason: 'by value: sd1 ≤ sd2' };
}
