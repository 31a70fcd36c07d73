/**
 * @module jobs/block-errors
 *
 * Errors of whole blocks of the Fisher, of each layer and of the network, for one label at each of the n inputs visited:
 *
 *   frobenius1 = √[(1/n²) Σ_x (E‖s‖⁴ − ‖𝔽(x)‖_F²)]      frobenius2 = √[(1/n²) Σ_x (E‖∂²log p‖_F² − ‖𝔽(x)‖_F²)]
 *
 * the standard errors, in Frobenius norm, of the block estimated by type 1 and by type 2, labels only (theory (4.1), (4.2)). Exact
 * where its operations are affordable; else unbiased under the root, from sampled labels (type 1) or from
 * Hessian-vector products with random signs (type 2), with the error of the probes; else none, with the reason.
 */
import type { Engine } from '../engine/types.js';
import { below, finite, oddNumber } from '../fisher/finite.js';
import { givenBudget } from '../fisher/memory.js';
import { type Group, groupsOf } from '../fisher/forms/diagonal/groups.js';
import type { ExampleSource } from '../fisher/source.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { typeTwoIsExact } from '../scores/second/exactness.js';
import { blockCost, blockMoments, type BlockMoments } from '../variance/block-moments.js';
import { curvatureBlocks, curvatureOperations } from '../variance/curvature-blocks.js';
import { frobeniusProbes, probeOperations } from '../variance/probes.js';

/** A standard error of a block in Frobenius norm. */
export interface BlockError {
  /** Null where it was not taken. */
  readonly value: number | null;
  /** Error of the probes, 0 where it is exact; null where there is no value. */
  readonly se: number | null;
  /** How it was taken. */
  readonly by: 'exact' | 'labels' | 'probes' | null;
  /** Why it was not. */
  readonly missing: string | null;
}

/** A layer or the whole network as a block. */
export interface Block {
  /** Name of the layer; `total`: all parameters. */
  readonly name: string;
  readonly parameters: readonly string[];
  /** First derivatives; null where they were too dear. */
  readonly moments: BlockMoments | null;
  /** Σ_ij 𝒱2_ij of one label, mean over the inputs. */
  readonly type2: number | null;
  readonly frobenius1: BlockError;
  readonly frobenius2: BlockError;
}

/** Blocks of all layers, the whole network last. */
export interface BlockErrors {
  readonly blocks: readonly Block[];
  readonly examples: number;
  /** Repeats of labels (type 1) and of signs (type 2) where they were probed. */
  readonly repeats: { readonly type1: number | null; readonly type2: number | null };
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}

/** What blocks are taken over. */
export interface BlockRequest {
  readonly examples: number;
  readonly batch?: number | undefined;
  readonly seed?: number;
  /** Bytes that the passes may hold. */
  readonly memory?: number | undefined;
  /** Hears what takes the examples again, before they are gone through. */
  readonly say?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Columns up to which type 1 is taken exactly. */
const COLUMNS = 512;
/** Operations of a whole pass up to which it is exact whatever probes would take, and beyond which nothing is. */
const AFFORDABLE = 1e10;
const LIMIT = 2e11;
/** Exact where it has no more than this many times the operations of the probes, which take small batches and so run slower. */
const WORTH = 4;
const REPEATS = { least: 4, usual: 16, most: 32 };

/** Batches of a probe at least, where there are so many inputs. */
const PROBE_BATCHES = 32;

/** How the two are taken. */
interface Way {
  readonly by: 'exact' | 'labels' | 'probes' | null;
  readonly repeats: number;
  readonly operations: number;
}

/** Errors of every layer's block and of the network's. */
export async function blockErrors(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  request: BlockRequest,
): Promise<BlockErrors> {
  const groups = groupsOf(network).filter((g) => g.kind !== 'tensor');
  const first = wayOfTypeOne(network, likelihood, request.examples);
  const second = wayOfTypeTwo(network, likelihood, groups, request.examples);
  const { result, note } = await finite({
    engine,
    network,
    source,
    run: (e, n, s) =>
      takeOnce({ engine: e, network: n, likelihood, source: s }, groups, { first, second }, request),
    trouble: ({ taken }) => {
      for (const { group, moments, type2 } of taken) {
        const odd = oddNumber([...(moments ? numbersOf(moments) : []), type2?.value ?? 0]);
        if (odd) return { tensor: null, got: `${odd} in the block of ${group.name}` };
      }
      return null;
    },
    lost: ({ taken }) => below(traces(taken)),
    zero: ({ taken }) => below(traces(taken), 0),
    interrupted: (r) => r.interrupted,
    say: request.say,
  });
  const blocks = result.taken.map(({ group, moments, type2 }): Block => {
    const why = (way: Way) => missing(way, result.interrupted, result.examples);
    const exact = group.kind === 'layer' && typeTwoIsExact(network, group.parameters);
    return {
      name: group.name,
      parameters: group.parameters,
      moments,
      type2: type2 && type2.value,
      frobenius1: errorOf(
        moments && { value: moments.type1, se: moments.type1Error },
        result.examples,
        first.by,
        why(first),
      ),
      frobenius2: errorOf(type2, result.examples, exact ? 'exact' : second.by, why(second)),
    };
  });
  return {
    blocks,
    examples: result.examples,
    repeats: {
      type1: first.by === 'labels' ? first.repeats : null,
      type2: second.by === 'probes' ? second.repeats : null,
    },
    interrupted: result.interrupted,
    notes: note === null ? [] : [note],
  };
}

function wayOfTypeOne(network: Network, likelihood: Likelihood, n: number): Way {
  const K = likelihood.columnCount(network.h.shape[1] as number);
  const labels = probed('labels', blockCost(network, LABELS, n).operations * n);
  return K > COLUMNS ? labels : exactOr(labels, blockCost(network, K, n).operations * n);
}

/** Labels of each repeat where type 1 is sampled. */
const LABELS = 2;

function wayOfTypeTwo(network: Network, likelihood: Likelihood, groups: readonly Group[], n: number): Way {
  const probes = probed('probes', probeOperations(network, likelihood, groups) * n);
  return exactOr(probes, curvatureOperations(network, likelihood) * n);
}

/** Exactly, unless that is dear and dearer than the probes, or too much. */
function exactOr(probes: Way, operations: number): Way {
  const dear = operations > AFFORDABLE && operations > WORTH * probes.operations;
  return dear || operations > LIMIT ? probes : { by: 'exact', repeats: 1, operations };
}

/** Repeats of a probe that takes `one` operations, as many as are affordable. */
function probed(by: 'labels' | 'probes', one: number): Way {
  const within = (operations: number) => Math.floor(operations / one);
  const repeats = Math.min(
    Math.max(REPEATS.usual, Math.min(REPEATS.most, within(AFFORDABLE))),
    within(LIMIT),
  );
  const taken = repeats >= REPEATS.least;
  return { by: taken ? by : null, repeats, operations: Math.max(repeats, REPEATS.least) * one };
}

interface Taken {
  readonly group: Group;
  readonly moments: BlockMoments | null;
  readonly type2: { readonly value: number; readonly se: number } | null;
}

async function takeOnce(
  subject: { engine: Engine; network: Network; likelihood: Likelihood; source: ExampleSource },
  groups: readonly Group[],
  { first, second }: { first: Way; second: Way },
  { batch = 64, seed = 0, signal, examples, memory }: BlockRequest,
): Promise<{ taken: Taken[]; examples: number; interrupted: boolean }> {
  const { engine, network, likelihood, source } = subject;
  const budget = givenBudget(network, memory);
  const options = { batch: Math.min(batch, 64), signal, seed, ...(budget === undefined ? {} : { budget }) };
  const sampled = first.by === 'labels';
  const K = sampled ? LABELS : likelihood.columnCount(network.h.shape[1] as number);
  const moments =
    first.by === null
      ? null
      : await blockMoments(engine, network, likelihood, source, {
          ...options,
          ...(sampled ? { labels: LABELS, repeats: first.repeats } : {}),
          window: blockCost(network, K, examples).window,
        });
  const stopped = () => signal?.aborted ?? false;
  const type2 =
    second.by === null || stopped()
      ? null
      : second.by === 'exact'
        ? (await curvatureBlocks(engine, network, likelihood, source, options)).blocks.map((b) => ({
            group: b.group,
            value: b.type2,
            se: 0,
          }))
        : (
            await frobeniusProbes(engine, network, likelihood, source, {
              ...options,
              // A batch has signs of its own over the parameters: the more batches, the more of them.
              batch: Math.max(1, Math.min(options.batch, Math.ceil(examples / PROBE_BATCHES))),
              groups,
              repeats: second.repeats,
            })
          ).map((p) => ({ group: p.group, value: p.type2.value[0], se: p.type2.standardError[0] }));
  const same = (a: Group, b: Group) => a.kind === b.kind && a.name === b.name;
  // What an interrupt cut short is over other inputs than the rest.
  const cut = stopped();
  const taken = groups.map((group): Taken => ({
    group,
    moments: moments?.interrupted ? null : (moments?.blocks.find((b) => same(b.group, group)) ?? null),
    type2: cut ? null : (type2?.find((t) => same(t.group, group)) ?? null),
  }));
  return { taken, examples: moments?.examples ?? examples, interrupted: cut };
}

const numbersOf = (m: BlockMoments) => [
  m.trace,
  m.traceSquared,
  m.traceLabels,
  m.fisher,
  m.type1,
  m.mean?.value ?? 0,
];

const traces = (taken: readonly Taken[]) =>
  taken.flatMap(({ group, moments }) => (moments ? [{ name: group.name, fisher: [moments.trace] }] : []));

function missing({ by, operations }: Way, interrupted: boolean, examples: number): string {
  if (by !== null && interrupted) return 'interrupted';
  return `${(operations / examples).toPrecision(2)} operations an input are too many for ${examples} inputs: take fewer`;
}

/** The root of a mean m over n inputs, over n; with its error by the derivative of the root. */
function errorOf(
  mean: { readonly value: number; readonly se: number } | null,
  n: number,
  by: Way['by'],
  why: string,
): BlockError {
  if (!mean) return { value: null, se: null, by: null, missing: why };
  const value = Math.sqrt(Math.max(0, mean.value) / n);
  const se = mean.se === 0 ? 0 : value > 0 ? mean.se / (2 * n * value) : Math.sqrt(mean.se / n);
  return { value, se, by, missing: null };
}
