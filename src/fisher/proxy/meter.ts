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
import { positionOf } from '../forms/diagonal/trail.js';
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
  /** A_j so far of batches that are not done, and how many columns were counted. */
  private readonly open = new WeakMap<BatchOutputs, { readonly sums: Float64Array; counted: number }>();

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
        const { n, T } = batch.h;
        const own = this.open.get(batch) ?? { sums: new Float64Array(n), counted: 0 };
        this.open.set(batch, own);
        const { from, count } = span;
        for (let k = Math.max(0, own.counted - from); k < count; k++)
          for (let e = 0; e < n; e++) {
            const j = e * count + k;
            if (w[j] !== 0) own.sums[e] += w[j] * squaredLength(metric, ct, j * T);
          }
        own.counted = Math.max(own.counted, from + count);
      },
    };
  }

  /** Takes the visits of a batch that is done. */
  settle(batch: BatchOutputs): void {
    const { proxies, weights, moments, places, visited, amounts } = this;
    const sums = this.open.get(batch)?.sums;
    for (let e = 0; e < batch.h.n; e++) {
      const x = batch.indices[e];
      const A = proxies.drawn ? (sums?.[e] ?? 0) : proxies.values[x];
      moments.add(A * (weights ? weights[x] : 1));
      const place = batch.places ? batch.places[e] : this.place++;
      if (place >= KEPT_VISITS) continue;
      const at = positionOf(places, place);
      places.splice(at, 0, place);
      visited.splice(at, 0, x);
      amounts.splice(at, 0, A);
    }
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
