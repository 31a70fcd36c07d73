/**
 * @module fisher/forms/layers/accumulation
 *
 * Second moments by layer made ready for a job: one pass over the estimator's columns for the values, and one over the exact columns where
 * the label errors come from those. What is summed are the same moments as a diagonal's entries have, of the elements of each item.
 */
import { type FloatArray, sizeOf } from '../../../core/tensor.js';
import type { ColumnSource } from '../../columns.js';
import { weightedColumns } from '../../example-weights.js';
import { exactColumns } from '../../estimators/exact.js';
import { type Accumulation, type Batch, columnsOf, type Job, outputsOf } from '../../loop.js';
import type { Passes } from '../../passes.js';
import { Scratches } from '../../scratch.js';
import type { Network } from '../../../model/network.js';
import { sitesOf } from '../../../model/sites.js';
import { laidOutNumbers } from '../../../scores/index.js';
import type { Sharing } from '../../../scores/score.js';
import { half } from '../diagonal/pass.js';
import { type Planned, planPasses, type Role } from '../diagonal/plan.js';
import { type DiagonalSums, type PassSums, scaleOfDraws } from '../diagonal/sums.js';
import { type TensorResult, TensorSums } from '../diagonal/tensor-sums.js';
import { layersGraph, type LayerSpec, pairsUp } from './graph.js';
import { type Bases, isOfInputs, type LayerItem } from './items.js';
import { packedSize } from './packing.js';

/** Sums of the items in the loop, one for each group of examples. */
export interface LayersAccumulation extends Accumulation {
  readonly sums: readonly DiagonalSums[];
}

/** How it is made. */
export interface LayersSettings {
  readonly items: readonly LayerItem[];
  readonly sharing: Sharing;
  /** Of the layers that are kept as scales; null: none are. */
  readonly bases: Bases | null;
  /** Errors of elements. */
  readonly errors: boolean;
}

/** A pass at work. */
interface Running {
  readonly role: Role;
  readonly spec: LayerSpec;
  readonly source: ColumnSource;
  readonly scratches: Scratches;
}

/** The accumulation for a job. */
export function accumulateLayers(
  job: Job,
  { items, sharing, bases, errors }: LayersSettings,
  count = 1,
): LayersAccumulation {
  const { network, draws, weights, estimator, error } = job;
  const request = { ...job, outputs: outputsOf(job) };
  const plan = planPasses(estimator, error, request);
  const spread = errors ? plan.spread : null;
  const weighted = weights !== undefined;
  const specOf = ({ spec }: Planned, kinds: LayerSpec['kinds'], squares: boolean): LayerSpec => ({
    columns: spec.columns,
    kinds,
    squares,
    label: errors ? spec.label : null,
    fixed: spec.fixed ?? 0,
    block: spec.block,
    fourth: spec.fourth ?? false,
    weighted,
  });
  const exact = (): ColumnSource =>
    estimator.oneDraw?.(request).source() ?? exactColumns(request.likelihood, request.outputs);
  const carrying = (source: ColumnSource) => (weights ? weightedColumns(source, weights) : source);
  const running: Running[] = [
    {
      role: 'value',
      // Where the errors come from other columns, the inputs' still come from here.
      spec: specOf(plan.value, spread ? 'drawn' : 'all', errors && !spread),
      source: carrying(columnsOf(job)),
      scratches: new Scratches(),
    },
    ...(spread
      ? [
          {
            role: 'spread' as const,
            spec: specOf(spread, 'all', true),
            source: carrying(exact()),
            scratches: new Scratches(),
          },
        ]
      : []),
  ];
  const scale = plan.value.law === 'draws' ? scaleOfDraws(draws) : 1;
  const empty = (): PassSums => ({
    tensors: new Map(
      items.map((item) => [
        item.name,
        new TensorSums(item.name, [packedSize(item)], scale, weighted, {}, false),
      ]),
    ),
    totals: [],
  });
  const sums = Array.from({ length: count }, (): DiagonalSums => {
    const value = empty();
    return { value, spread: spread ? empty() : value };
  });
  const inputs = new Set(items.filter(isOfInputs).map(({ name }) => name));
  return {
    graphs: Object.fromEntries(
      running.map(({ role, spec }) => [
        `layers/${role}`,
        layersGraph(network, items, spec, { sharing, bases }),
      ]),
    ),
    ...sizeOfBatch(job, items, running),
    doubts: null,
    sums,
    async run(programs, batch) {
      const results: TensorResult[] = [];
      for (const one of running) results.push(await runPass(programs, batch, one));
      return () => {
        const { value, ...own } = sums[batch.group];
        running.forEach((one, i) => {
          const result = results[i];
          for (const [name, t] of (one.role === 'value' ? value : own.spread).tensors) {
            if (one.spec.kinds === 'drawn' && inputs.has(name)) continue;
            t.add(batch.n, result, batch.weights);
          }
          if (one.role === 'value' || !spread) return;
          for (const name of inputs) value.tensors.get(name)?.add(batch.n, result, batch.weights);
        });
        return false;
      };
    },
  };
}

async function runPass(
  programs: Passes,
  batch: Batch,
  { role, spec, source, scratches }: Running,
): Promise<TensorResult> {
  const { n, T } = batch.h;
  const K = spec.columns;
  const span = { from: 0, count: K };
  const scratch = scratches.of(programs);
  const take = (name: string, size: number): FloatArray => scratch.floats(name, programs.dtype, size);
  const [ct, w] = [take('ct', n * K * T), take('w', n * K)];
  source.fill(batch, span, ct, w);
  const late: Record<string, FloatArray> = { ct, w };
  if (spec.label === 'pairwise' && spec.fourth) source.fourth?.(batch, span, (late.c = take('c', n * K)));
  if (spec.weighted) source.weights?.(batch, (late.o = take('o', n)));
  const output = await programs.backward(`layers/${role}`, late, n);
  return {
    sum: (p) => output(`f/${p}`),
    linear: (p) => output(`fo/${p}`),
    squares: (p) => output(`f2/${p}`) ?? half(output(`f2v/${p}`), 0),
    centred: (p) => output(`d2/${p}`) ?? half(output(`d2v/${p}`), 0),
    label: (p) => output(`v/${p}`) ?? half(output(`f2v/${p}`) ?? output(`d2v/${p}`), 1),
    terms: () => null,
    deviations: () => null,
    tiltedSquares: () => null,
    tiltedLabel: () => null,
  };
}

/** Numbers of one example's inputs of each shared weight that are laid out at once, by name. */
function laidOutInputs({ h, parameters }: Network): Map<string, number> {
  const names = new Map([...parameters].map(([name, v]) => [v, name]));
  const shared = sitesOf([h], [...parameters.values()]).filter(({ form }) => form === 'shared');
  return new Map(
    shared.map(({ parameter, uses }) => [
      names.get(parameter) as string,
      uses.reduce((sum, use) => sum + laidOutNumbers(use, uses.length), 0),
    ]),
  );
}

/** Largest batch whose widest item fits the job's budget of numbers, and the share that it takes. */
function sizeOfBatch(
  { batch, budget, network }: Job,
  items: readonly LayerItem[],
  running: readonly Running[],
): { batch: number; share: number } {
  let widest = 1;
  const laidOut = laidOutInputs(network);
  for (const { spec } of running)
    for (const item of items) {
      const { groups, width, rows, kind, shape } = item;
      if (kind === 'frequencies') {
        // At every position which others have its row.
        widest = Math.max(widest, rows ** 2);
        continue;
      }
      const columns = kind === 'inputs' ? 1 : spec.columns;
      if (kind === 'scale') {
        // Of positions the score is formed, entry by entry.
        const formed = columns * (rows > 1 || groups > 1 ? sizeOf(shape) : width);
        widest = Math.max(widest, formed, laidOut.get(item.weight) ?? 0);
        continue;
      }
      const paired = pairsUp(item, spec);
      const held = spec.squares && !(kind === 'inputs' && rows === 1) && !paired;
      const matrices =
        (spec.label === 'enumerated' || spec.label === 'blocks' ? columns : 1) * groups * width ** 2;
      const pairs = paired ? (columns * (columns + 1)) / 2 : columns;
      const all = pairs * groups * rows * width;
      const numbers = kind === 'inputs' ? Math.min(all, laidOut.get(item.weight) ?? all) : all;
      widest = Math.max(widest, numbers, held ? matrices : 0);
    }
  const most = Math.max(1, Math.min(batch, Math.floor(budget / widest)));
  return { batch: most, share: (most * widest) / budget };
}
