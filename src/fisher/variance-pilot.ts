/**
 * @module fisher/variance-pilot
 *
 * Pilot of a recommendation: variances of one example's trace, over inputs and of one draw of labels and of signs, in closed form on the first
 * examples of a source (likelihood/total), or summed over entries. It runs on the small engine, which starts in milliseconds and is there on
 * every machine, and takes as many examples as a twentieth of the estimate pays for; null where that is too few to tell.
 */
import { createSmallEngine } from '../engine/small/index.js';
import { blocksTotal, enumeratedMoments } from '../likelihood/total.js';
import { type Root, rootFor, type RootChoice } from '../likelihood/roots/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { Moments } from '../stats/moments.js';
import { estimatorCost } from './cost.js';
import { ofOneLabel } from './estimators/type-one.js';
import { signs } from './estimators/signs.js';
import type { OneDraw } from './estimators/estimator.js';
import { planPass } from './forms/diagonal/pass.js';
import type { PassResult } from './forms/diagonal/pass-result.js';
import type { PassSpec } from './forms/diagonal/statistics.js';
import { type Opened, openBatch } from './loop.js';
import { DEFAULT_BUDGET, givenBudget, planMemory } from './memory.js';
import { type BackwardGraph, Passes } from './passes.js';
import { DRAWS, type Variances } from './recommend.js';
import type { ExampleSource } from './source.js';

/** What the variances are of. */
export type Question = 'trace' | 'entries';

/** Share of the estimate that its recommendation may cost, and what no estimate is too small for. */
const SHARE = 0.05;
const ALWAYS = 1e8;
/** Fewest examples that tell a spread, and most that are of use. */
const FEWEST = 8;
const MOST = 100;

/** What the pilot is for. */
export interface PilotRequest {
  /** Of totals, or summed over entries. */
  readonly question: Question;
  /** Examples of the estimate. */
  readonly examples: number;
  /** Of signs. */
  readonly root?: RootChoice | undefined;
  /** Columns of the root that are taken exactly beside signs. */
  readonly exactPairs?: number | undefined;
  /** Bytes that a pass may hold. */
  readonly memory?: number | undefined;
  /** Ends the pilot with the examples that it has. */
  readonly signal?: AbortSignal | undefined;
  /** Lets timers and signals be heard, between batches. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** Examples that the pilot takes; 0: it is not worth it. */
export function pilotExamples(
  network: Network,
  likelihood: Likelihood,
  { examples, root }: PilotRequest,
): number {
  const cost = (estimator: 'exact' | 'rademacher' | 'type1', error: 'none' | 'sampled' | 'closed-form') =>
    estimatorCost(network, likelihood, { estimator, labels: error === 'none' ? 0 : DRAWS, error, root });
  const least = Math.min(cost('exact', 'none'), cost('rademacher', 'sampled'));
  const each = cost('rademacher', 'closed-form') + cost('type1', 'closed-form');
  const afforded = Math.floor(Math.max(SHARE * examples * least, ALWAYS) / each);
  const taken = Math.min(MOST, examples, afforded);
  return taken < FEWEST ? 0 : taken;
}

/**
 * Measures them of the whole network; null where the pilot is not worth it, or says nothing finite. Throws what `Passes.forward` throws.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `memory/too-small`, `tensor/size`
 */
export async function measureVariances(
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  request: PilotRequest,
): Promise<Variances | null> {
  const sets = [[...network.parameters.keys()]];
  return (await measureSets(network, likelihood, source, request, sets))[0];
}

/**
 * The same of each set of parameters, by one pilot of the whole network. Throws what `measureVariances` throws.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`,
 * `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`, `memory/too-small`, `tensor/size`
 */
export async function measureSets(
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  request: PilotRequest,
  sets: readonly (readonly string[])[],
): Promise<readonly (Variances | null)[]> {
  const m = pilotExamples(network, likelihood, request);
  if (m === 0 || request.signal?.aborted) return sets.map(() => null);
  const T = network.h.shape[1] as number;
  const root: Root = rootFor(likelihood, T, request.root);
  const exactPairs = request.exactPairs ?? 0;
  const asked = { likelihood, outputs: T, root, exactPairs };
  const laws = {
    type1: ofOneLabel(asked),
    rademacher: (signs.oneDraw as (of: typeof asked) => OneDraw)(asked),
  };
  const entries = request.question === 'entries';
  const budget = Math.min(PILOT_BUDGET, givenBudget(network, request.memory) ?? Infinity);
  const made = Object.entries(laws).map(([name, law]) => {
    const fixed = name === 'rademacher' ? exactPairs : 0;
    return new Measure(name, law, network, { fixed, entries, examples: m, budget, sets });
  });
  const programs = await Passes.compile(
    createSmallEngine(),
    network,
    Object.assign({}, ...made.map((one) => one.pass.graphs)) as Readonly<Record<string, BackwardGraph>>,
    Math.min(...made.map((one) => one.batch)),
  );
  let done = 0;
  try {
    for (const examples of source(Math.min(programs.maxBatch, m), programs.dtype)) {
      await request.pause?.();
      if (done >= m || request.signal?.aborted) break;
      const opened = await openBatch(programs, likelihood, examples);
      for (const one of made) await one.add(programs, opened, likelihood);
      done += opened.n;
    }
  } finally {
    programs.dispose();
  }
  return sets.map((_, set) => {
    const [type1, rademacher] = made.map((one) => one.variances(set, done));
    const variances = { data: type1.data, label: { type1: type1.label, rademacher: rademacher.label } };
    const all = [variances.data, ...Object.values(variances.label)];
    return done >= 2 && all.every((v) => Number.isFinite(v) && v >= 0) ? variances : null;
  });
}

/** Numbers of the largest array of a pilot at most. */
const PILOT_BUDGET = DEFAULT_BUDGET / 4;

interface MeasureOptions {
  /** Columns that are no draws. */
  readonly fixed: number;
  /** Whether entries are asked for. */
  readonly entries: boolean;
  readonly examples: number;
  readonly budget: number;
  /** Parameters of each total. */
  readonly sets: readonly (readonly string[])[];
}

/** Sums of one law over the examples of the pilot. */
class Measure {
  readonly pass: ReturnType<typeof planPass>;
  readonly batch: number;
  private readonly entries: boolean;
  private readonly sets: readonly (readonly string[])[];
  /** Of the traces of each set. */
  private readonly traces: readonly Moments[];
  /** Σ 𝒱 of them. */
  private readonly labels: Float64Array;
  /** Σ f, Σ f² and Σ 𝒱 of entries, all parameters' one after the other. */
  private readonly sums = new Map<string, Float64Array>();

  constructor(
    name: string,
    private readonly law: OneDraw,
    private readonly network: Network,
    { fixed, entries, examples, budget, sets }: MeasureOptions,
  ) {
    this.entries = entries;
    this.sets = sets;
    this.traces = sets.map(() => new Moments());
    this.labels = new Float64Array(sets.length);
    const { columns, label, fourth, block } = law;
    const spec: PassSpec = {
      columns,
      squares: entries,
      label: entries ? label : null,
      fourth: fourth && entries,
      ...(block && { block }),
      totals: law.law === 'enumerated' ? 'norms' : law.law === 'blocks' ? 'gram' : 'pairs',
      sets,
      fixed,
    };
    const { chunk, batch } = planMemory(network, columns, examples, 2, budget, 'neurons');
    // Blocks of columns are taken together: fewer examples then.
    const whole = law.law === 'blocks';
    this.batch = whole ? Math.max(1, Math.floor((batch * chunk) / columns)) : batch;
    this.pass = planPass(`pilot/${name}`, network, spec, law.source(), whole ? columns : chunk);
  }

  async add(programs: Passes, opened: Opened, likelihood: Likelihood): Promise<void> {
    const result = await this.pass.run(programs, opened);
    if (this.entries) this.addEntries(result);
    const c = this.fourthOf(opened, likelihood);
    this.sets.forEach((set, i) => {
      const q = this.normsOf(set, result, opened.n);
      this.addTraces(i, q, result, opened.n);
      this.labels[i] += this.labelOf(i, q, result, c, opened.n);
    });
  }

  private addTraces(set: number, q: Float64Array, { weights: w }: PassResult, n: number): void {
    const { columns: K } = this.law;
    for (let e = 0; e < n; e++) {
      let f = 0;
      for (let k = e * K; k < (e + 1) * K; k++) f += w[k] * q[k];
      this.traces[set].add(f);
    }
  }

  /** Σ 𝒱 of one draw over the batch. */
  private labelOf(
    set: number,
    q: Float64Array,
    result: PassResult,
    c: Float64Array | null,
    n: number,
  ): number {
    const { columns: K, law } = this.law;
    let sum = 0;
    if (law === 'enumerated') {
      const variance = new Float64Array(n);
      enumeratedMoments(q, result.weights, n, K, variance, new Float64Array(n));
      for (const v of variance) sum += v;
      return sum;
    }
    if (law === 'blocks') return this.labelOfBlocks(this.sets[set], result, n);
    for (const pairs of result.pairs(set) ?? []) sum += 4 * pairs;
    if (c) for (let k = 0; k < n * K; k++) sum += c[k] * q[k] ** 2;
    return sum;
  }

  /** Σ 𝒱 of one draw by the law of independent blocks. */
  private labelOfBlocks(set: readonly string[], result: PassResult, n: number): number {
    const { columns: K, block } = this.law;
    const variance = new Float64Array(n);
    const G = this.gramOf(set, result, n);
    blocksTotal(G, result.weights, n, { K, columns: block ?? K }, variance, new Float64Array(n));
    return variance.reduce((sum, v) => sum + v, 0);
  }

  /** ⟨s_j, s_k⟩ over the parameters of a set. */
  private gramOf(set: readonly string[], result: PassResult, n: number): Float64Array {
    const { columns: K } = this.law;
    const G = new Float64Array(n * K * K);
    for (const p of set) {
      const own = result.gram(p);
      if (own) for (let i = 0; i < G.length; i++) G[i] += own[i];
    }
    return G;
  }

  private fourthOf({ n, h }: Opened, likelihood: Likelihood): Float64Array | null {
    const { columns: K, law, fourth } = this.law;
    if (law === 'enumerated' || !fourth || !likelihood.components) return null;
    const c = new Float64Array(n * K);
    likelihood.components.fourth(h, c);
    return c;
  }

  /** ‖s_k‖² over the parameters of a set. */
  private normsOf(set: readonly string[], result: PassResult, n: number): Float64Array {
    const { columns: K, law } = this.law;
    const size = n * K;
    if (law === 'blocks') {
      const G = this.gramOf(set, result, n);
      return Float64Array.from({ length: size }, (_, i) => G[i * K + (i % K)]);
    }
    const q = new Float64Array(size);
    for (const p of set) {
      const own = result.norms(p);
      if (own) for (let i = 0; i < size; i++) q[i] += own[i];
    }
    return q;
  }

  private addEntries(result: PassResult): void {
    for (const p of this.network.parameters.keys()) {
      const parts = { f: result.sum(p), f2: result.squares(p), v: result.label(p) };
      for (const [key, part] of Object.entries(parts)) {
        if (!part) continue;
        const sum = this.sums.get(`${key}/${p}`) ?? new Float64Array(part.length);
        for (let i = 0; i < part.length; i++) sum[i] += part[i];
        this.sums.set(`${key}/${p}`, sum);
      }
    }
  }

  /** Of one term of a set, over n examples. */
  variances(set: number, n: number): { readonly data: number; readonly label: number } {
    if (!this.entries) return { data: this.traces[set].sampleVariance, label: this.labels[set] / n };
    let data = 0;
    let label = 0;
    for (const p of this.sets[set]) {
      const [f, f2, v] = ['f', 'f2', 'v'].map((key) => this.sums.get(`${key}/${p}`));
      if (!f || !f2) continue;
      for (let i = 0; i < f.length; i++) {
        data += Math.max(0, f2[i] - f[i] ** 2 / n) / (n - 1);
        label += (v?.[i] ?? 0) / n;
      }
    }
    return { data, label };
  }
}
