/**
 * @module fisher/proxy/meter
 *
 * Meter of the proxy over the examples that are visited: A_j = Σ_k w_k δ_kᵀḠδ_k from the very cotangents of an estimate, draws and all,
 * or a(x_j) where nothing is drawn. Its variance s_A² over the visits against S_A² over all examples says by how much a standard error
 * from the visits is short, r² = max(1, S_A²/s_A²) (theory (15.2)).
 */
import { Moments } from '../../stats/moments.js';
import type { BatchOutputs, ColumnSource } from '../columns.js';
import type { ColumnMeter, ProxyFacts } from '../meter.js';
import { factorOf, factsOf, type ProxySums } from './facts.js';
import { squaredLength } from './metric.js';
import { type Proxies, proxyVariance } from './proxies.js';

/** Visits of which A_j is kept, the first. */
export const KEPT_VISITS = 1000;

export class ProxyMeter implements ColumnMeter, ProxySums {
  /** Of u_jA_j, u = 1 for uniform visits. */
  readonly moments = new Moments();
  /** Place, index and A_j of the first visits. */
  readonly places: number[] = [];
  readonly visited: number[] = [];
  readonly amounts: number[] = [];
  /** S_A². */
  readonly whole: number;
  private batch: BatchOutputs | null = null;
  private sums = new Float64Array(0);
  /** Columns that were counted of this batch. */
  private counted = 0;

  constructor(
    readonly proxies: Proxies,
    /** u_x by index; absent for uniform visits. */
    private readonly weights?: Float64Array,
    /** Place of the next visit. */
    private place = 0,
  ) {
    this.whole = proxyVariance(proxies, weights);
  }

  /** The same columns, measured as they are made. */
  watch(source: ColumnSource): ColumnSource {
    if (!this.proxies.drawn) return source;
    const { metric } = this.proxies;
    return {
      ...source,
      fill: (batch, span, ct, w) => {
        source.fill(batch, span, ct, w);
        if (batch !== this.batch) this.begin(batch);
        const { n, T } = batch.h;
        const { from, count } = span;
        for (let k = Math.max(0, this.counted - from); k < count; k++)
          for (let e = 0; e < n; e++) {
            const j = e * count + k;
            if (w[j] !== 0) this.sums[e] += w[j] * squaredLength(metric, ct, j * T);
          }
        this.counted = Math.max(this.counted, from + count);
      },
    };
  }

  private begin(batch: BatchOutputs): void {
    this.batch = batch;
    this.sums = new Float64Array(batch.h.n);
    this.counted = 0;
  }

  /** Takes the visits of a batch that is done. */
  settle(batch: BatchOutputs): void {
    const { proxies, weights, moments, places, visited, amounts } = this;
    for (let e = 0; e < batch.h.n; e++) {
      const x = batch.indices[e];
      const A = proxies.drawn ? this.sums[e] : proxies.values[x];
      moments.add(A * (weights ? weights[x] : 1));
      const place = this.place++;
      if (place >= KEPT_VISITS) continue;
      places.push(place);
      visited.push(x);
      amounts.push(A);
    }
    this.batch = null;
  }

  /** What it says so far. */
  get facts(): ProxyFacts {
    const { values, drawn } = this.proxies;
    return factsOf(this, { values, drawn, whole: this.whole });
  }

  /** r; null where the visits do not vary and the whole does. */
  get factor(): number | null {
    return factorOf(this.moments, this.whole);
  }
}
