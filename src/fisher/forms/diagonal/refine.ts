/**
 * @module fisher/forms/diagonal/refine
 *
 * A data variance that comes from float32 sums, Σf² − (Σf)²/n, carries their cancellation: a relative error of about
 * ε(1 + mean²/variance). Where that passes 1e-3 for any entry of a tensor, the variance of that tensor is computed again in float64.
 */
import { createSmallEngine } from '../../../engine/small/index.js';
import { atPrecision, type Network } from '../../../model/network.js';
import { type Job, loop, type LoopOptions } from '../../loop.js';
import type { ExampleSource } from '../../source.js';
import { accumulateDiagonal } from './accumulation.js';
import type { DiagonalSums } from './sums.js';
import type { TensorSums } from './tensor-sums.js';

/** Unit roundoff of float32. */
const EPSILON = 2 ** -24;
/** Largest relative error of a data variance that is left as it is. */
const TOLERANCE = 1e-3;

/** Names of the tensors whose data variances float32 cannot tell. */
export function cancelled(tensors: ReadonlyMap<string, TensorSums>): string[] {
  return [...tensors.values()].filter((t) => t.f.cancellation(EPSILON) > TOLERANCE).map((t) => t.name);
}

/** The network in float64 with only `names` as parameters. */
function refinedNetwork(network: Network, names: readonly string[]): Network {
  const exact = atPrecision(network, 'float64');
  const parameters = new Map([...exact.parameters].filter(([name]) => names.includes(name)));
  const fixed = new Map([...exact.fixed, ...[...exact.parameters].filter(([name]) => !names.includes(name))]);
  return { ...exact, parameters, fixed };
}

/** Computes again, in float64, the data variances that the float32 sums over `examples` examples cannot tell. */
export async function refine(
  job: Job,
  sums: readonly DiagonalSums[],
  examples: number,
  source: ExampleSource,
  options: Pick<LoopOptions, 'signal' | 'groups' | 'pause'>,
): Promise<void> {
  if (job.network.h.dtype !== 'float32' || examples < 2) return;
  const names = [...new Set(sums.flatMap(({ spread }) => cancelled(spread.tensors)))];
  if (names.length === 0) return;
  const again: Job = {
    ...job,
    engine: createSmallEngine(),
    network: refinedNetwork(job.network, names),
    doubts: [],
  };
  const form = accumulateDiagonal(again, { groups: [], varianceOnly: true }, sums.length);
  const { interrupted } = await loop([{ job: again, forms: [form] }], source, options);
  if (interrupted) return;
  for (const [g, { spread }] of sums.entries()) {
    const exact = form.sums[g].spread.tensors;
    for (const p of names) spread.tensors.get(p)?.takeVariance(exact.get(p));
  }
}
