/**
 * @module fisher/meter
 *
 * Meter of an estimate's columns: measures them as they are made, visit by visit, without changing them (fisher/proxy has the one that
 * is used). What it tells of the visits is plain data for the rules of intervals.
 */
import type { BatchOutputs, ColumnSource } from './columns.js';

/** Measures the columns of the visits. */
export interface ColumnMeter {
  /** The same columns, measured as they are made. */
  watch(source: ColumnSource): ColumnSource;
  /** Takes the visits of a batch that is done. */
  settle(batch: BatchOutputs): void;
}

/** What proxies say of the visits so far. */
export interface ProxyFacts {
  /** r of theory (15.2); null where it has no finite value. */
  readonly factor: number | null;
  /** a(x) by index, NaN for what cannot be visited; index and A_j of the first visits, in order. */
  readonly values: Float64Array;
  readonly visited: readonly number[];
  readonly amounts: readonly number[];
  /** Whether draws enter A_j. */
  readonly drawn: boolean;
}

/** What proxies say of all examples. */
export interface KnownProxies {
  /** a(x) by index, NaN for what cannot be visited [indices]. */
  readonly values: Float64Array;
  /** S_A² over those that may be drawn. */
  readonly whole: number;
  /** Whether draws enter A_j. */
  readonly drawn: boolean;
}
