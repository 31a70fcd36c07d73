/**
 * @module variance/repeats
 *
 * Sums kept apart by repeat, so that the mean over independent repeats comes with its standard error, √(Σ(x_r − x̄)²/(R(R − 1))).
 */

/** A mean over the examples, estimated, with the error of the probes; arrays in the tensor's shape, or of length 1. */
export interface Probed {
  /** The mean [size]. */
  readonly value: Float64Array;
  /** Its standard error over repeats [size]. */
  readonly standardError: Float64Array;
}

export class RepeatSums {
  examples = 0;
  private readonly sums = new Map<string, Float64Array[]>();

  constructor(private readonly repeats: number) {}

  /** Adds a batch's sums to repeat r; null adds nothing. */
  add(key: string, r: number, part: ArrayLike<number> | null): void {
    if (!part) return;
    let all = this.sums.get(key);
    if (!all) {
      all = Array.from({ length: this.repeats }, () => new Float64Array(part.length));
      this.sums.set(key, all);
    }
    for (let i = 0; i < part.length; i++) all[r][i] += part[i];
  }

  result(key: string, size: number): Probed {
    const R = this.repeats;
    const value = new Float64Array(size);
    const standardError = new Float64Array(size);
    const all = this.sums.get(key);
    if (!all) return { value, standardError };
    for (let i = 0; i < size; i++) {
      for (const sum of all) value[i] += sum[i] / (R * this.examples);
      let spread = 0;
      for (const sum of all) spread += (sum[i] / this.examples - value[i]) ** 2;
      standardError[i] = R > 1 ? Math.sqrt(spread / (R * (R - 1))) : NaN;
    }
    return { value, standardError };
  }
}
