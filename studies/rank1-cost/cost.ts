/**
 * @module studies/rank1-cost/cost
 *
 * Time and memory of one update of a policy by each inverse: network, gradient and direction, float32, without the choice of a step.
 *
 *   time     of the processor, so that other load on the machine counts little; all methods one after the other in every round, medians,
 *            and of each round the ratio to the plain gradient's. Each is run twice and the second counts, with what garbage is collected in it
 *   memory   what the process holds after an update above what it held before anything was made, garbage of that one update included:
 *            arrays, and kernel memories as they were grown (by quarters, and no less than 1 MiB)
 *
 * A method that is predicted to take longer or to hold more than the plan allows is left out of a cell, and said: operations from the
 * counts below at the rate of the same method in the last cell that it was in.
 */
import { createSmallEngine, withMatrices } from 'fim/engine';
import { quantile, significant } from 'fim/jobs';
import type { Network } from 'fim/model';
import type { Preconditioner } from 'fim/optim';
import { type CostPlan, FACTORIES, type Method, METHODS } from './plan.js';
import { type Bench, makeBench, parametersOf, policyIn, type PolicyShape, shapeOf } from './policy.js';

/** Hooks to the machine: the library reads no clock. */
export interface Gauges {
  /** Seconds of processor time that the process has had. */
  readonly spent: () => number;
  /** Bytes of arrays and kernel memories that the process holds. */
  readonly held: () => number;
  /** Collects garbage; `held` counts none of it then. */
  readonly collect: () => Promise<void>;
}

export interface MethodCost {
  readonly method: Method;
  /** Why there is nothing; null where it was measured. */
  readonly skipped: string | null;
  /** Median, quartiles [s]. */
  readonly seconds: readonly [number, number, number] | null;
  /** The same of the ratio to the plain gradient of the same round. */
  readonly ratio: readonly [number, number, number] | null;
  /** The same of the time beyond the plain gradient's of the same round [s]. */
  readonly beyond: readonly [number, number, number] | null;
  readonly bytes: number | null;
}

export interface CostCell {
  /** Asked for, and what the network has. */
  readonly asked: number;
  readonly P: number;
  readonly N: number;
  readonly rounds: number;
  readonly methods: readonly MethodCost[];
}

/** Multiplications of an update, roughly: networks by their products, 6NP a gradient, 8NP a Fisher product. */
export function operations(method: Method, shape: PolicyShape, n: number): number {
  const P = parametersOf(shape);
  const widths = [shape.inputs, ...shape.hidden, shape.actions];
  const pairs = widths.slice(1).map((out, l) => [widths[l], out]);
  const sum = (f: (from: number, out: number) => number): number =>
    pairs.reduce((all, [from, out]) => all + f(from, out), 0);
  const gradient = 6 * n * P;
  switch (method) {
    case 'gradient':
      return gradient;
    case 'sherman-morrison':
      return gradient + 30 * P;
    case 'diagonal':
      return gradient + 6 * n * P;
    case 'kfac':
      return (
        gradient +
        4 * n * P +
        sum((i, o) => 2 * n * (i * i + o * o) + (i ** 3 + o ** 3) / 3 + 4 * i * o * (i + o))
      );
    case 'cg-10':
      return gradient + 80 * n * P;
    case 'woodbury':
      return gradient + 8 * n * P + n * n * sum((i, o) => i + o) + n ** 3 / 3;
  }
}

/** Bytes of the arrays that a method cannot do without, beside the network's. */
function needed(method: Method, shape: PolicyShape, n: number): number {
  const P = parametersOf(shape);
  const widths = [shape.inputs, ...shape.hidden, shape.actions];
  const base = 40 * P + 16 * n * widths.reduce((a, b) => a + b, 0);
  if (method === 'woodbury') return base + 24 * n * n + 8 * P;
  if (method === 'kfac') return base + 48 * widths.reduce((a, w) => a + w * w, 0);
  if (method === 'cg-10') return base + 32 * P;
  return base + (method === 'gradient' ? 0 : 16 * P);
}

/** A method's updates on a bench. */
interface Runner {
  update(): Promise<void>;
  dispose(): void;
}

async function runnerOf(method: Method, { context, linear, batch, cotangents }: Bench): Promise<Runner> {
  const factory = FACTORIES[method];
  const solver: Preconditioner | null = factory && (await factory(context));
  const g = new Float64Array(linear.P);
  let step = 0;
  return {
    async update() {
      await linear.forward(batch.inputs, batch.n);
      await linear.transposed(cotangents, batch.n, g);
      await solver?.direction({ ...batch, step: step++ }, g);
    },
    dispose: () => solver?.dispose(),
  };
}

/** The memory that dense algebra keeps between calls is given back once it is larger than 64 MiB: the next method makes its own. */
function forgetScratch(): void {
  withMatrices((matrices) => matrices.reserve(9 * 2 ** 20));
}

/** Bytes that one method's updates hold, everything of its own. */
async function memoryOf(method: Method, network: Network, shape: PolicyShape, n: number, gauges: Gauges) {
  forgetScratch();
  await gauges.collect();
  const before = gauges.held();
  const bench = await makeBench(createSmallEngine(), network, shape, n, 1);
  const runner = await runnerOf(method, bench);
  await runner.update();
  await gauges.collect();
  await runner.update();
  const bytes = gauges.held() - before;
  runner.dispose();
  bench.linear.dispose();
  return bytes;
}

/** Rates of earlier cells, for prediction: operations a second. */
export type Rates = Map<Method, number>;

/** One cell. `rates` are read and brought up to date. */
export async function measureCell(
  plan: CostPlan,
  asked: number,
  n: number,
  gauges: Gauges,
  rates: Rates,
  aborted: () => boolean,
): Promise<CostCell | null> {
  const shape = shapeOf(asked);
  const skipped = new Map<Method, string>();
  for (const method of METHODS) {
    const rate = rates.get(method);
    const seconds = rate === undefined ? 0 : operations(method, shape, n) / rate;
    const bytes = needed(method, shape, n);
    if (seconds > plan.updateSeconds) skipped.set(method, `time: ${seconds.toFixed(0)} s predicted`);
    else if (bytes > plan.bytes) skipped.set(method, `memory: ${(bytes / 2 ** 30).toFixed(1)} GiB`);
  }
  const taken = METHODS.filter((m) => !skipped.has(m));
  const network = taken.length > 0 ? policyIn('plain', shape, 1) : null;
  const bytes = new Map<Method, number>();
  for (const method of taken) {
    if (aborted()) return null;
    bytes.set(method, await memoryOf(method, network as Network, shape, n, gauges));
  }
  const times = await timed(plan, taken, network && { network, shape, n }, gauges, aborted);
  if (times === null) return null;
  const methods = METHODS.map((method): MethodCost => {
    const own = times.get(method);
    const reason = skipped.get(method);
    if (!own) return { method, skipped: reason ?? '', seconds: null, ratio: null, beyond: null, bytes: null };
    const plain = times.get('gradient') ?? own.map(() => NaN);
    rates.set(method, operations(method, shape, n) / quantile(own, 0.5));
    return {
      method,
      skipped: null,
      seconds: quartiles(own),
      ratio: plain.some(Number.isNaN) ? null : quartiles(own.map((t, i) => t / plain[i])),
      beyond:
        method === 'gradient' || plain.some(Number.isNaN) ? null : quartiles(own.map((t, i) => t - plain[i])),
      bytes: bytes.get(method) as number,
    };
  });
  return { asked, P: parametersOf(shape), N: n, rounds: times.get(taken[0])?.length ?? 0, methods };
}

const WARM = 2;

async function timed(
  plan: CostPlan,
  taken: readonly Method[],
  of: { readonly network: Network; readonly shape: PolicyShape; readonly n: number } | null,
  { spent, collect }: Gauges,
  aborted: () => boolean,
): Promise<Map<Method, number[]> | null> {
  const times = new Map<Method, number[]>(taken.map((m) => [m, []]));
  if (of === null) return times;
  const bench = await makeBench(createSmallEngine(), of.network, of.shape, of.n, 1);
  const runners = new Map<Method, Runner>();
  for (const method of taken) runners.set(method, await runnerOf(method, bench));
  await collect();
  const [least, most] = plan.rounds;
  let taking = 0;
  // Rounds before the first warm up and count for nothing.
  for (let round = 1 - WARM; round <= most; round++) {
    if (round > least && taking > plan.cellSeconds) break;
    for (const [method, runner] of runners) {
      if (aborted()) return null;
      // Once untimed: what another method left behind is not this one's.
      await runner.update();
      const from = spent();
      await runner.update();
      const seconds = spent() - from;
      if (round < 1) continue;
      times.get(method)?.push(seconds);
      taking += seconds;
    }
  }
  for (const runner of runners.values()) runner.dispose();
  bench.linear.dispose();
  return times;
}

const quartiles = (values: readonly number[]): readonly [number, number, number] => [
  significant(quantile(values, 0.25), 4),
  significant(quantile(values, 0.5), 4),
  significant(quantile(values, 0.75), 4),
];
