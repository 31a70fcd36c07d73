/**
 * @module store/training/metrics
 *
 * The numbers of the updates between two rows, as their means; what is not finite does not count.
 */
export class Metrics {
  private readonly sums = new Map<string, { sum: number; count: number }>();

  add(metrics: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(metrics)) {
      if (!Number.isFinite(value)) continue;
      const entry = this.sums.get(name);
      if (entry) {
        entry.sum += value;
        entry.count++;
      } else this.sums.set(name, { sum: value, count: 1 });
    }
  }

  /** The means, and begins anew. */
  take(): Record<string, number> {
    const means: Record<string, number> = {};
    for (const [name, { sum, count }] of this.sums) means[name] = sum / count;
    this.sums.clear();
    return means;
  }
}
