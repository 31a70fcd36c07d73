/**
 * @module fisher/forms/diagonal/group-sums
 *
 * Sums of the values by group of examples, Σ_{x∈g} ω_x f_x of every entry, beside an estimate that goes through one group after another:
 * at the end of each, Σωf so far less what it was before. Costs P operations a group and nothing a batch; the sums of the estimate are
 * not touched. In plain sums they stand as `group/…` arrays, which add.
 */
import type { GroupSums } from '../../estimate.js';
import type { ExampleBatch } from '../../source.js';
import type { SumsPart } from '../sums.js';

const PREFIX = 'group/';
const TENSOR = 'group/sum/';

/** Means of entries so far, over how much. */
export interface KeptMeans {
  readonly f: {
    readonly size: number;
    readonly mean: Float64Array;
    /** Examples. */
    readonly count: number;
  };
  /** What Σωf is divided by. */
  readonly divisor: number;
}

/** Keeps the groups of a run apart. */
export class GroupKeeper {
  readonly sums: GroupSums;
  private readonly before: Map<string, Float64Array>;
  private counted = 0;
  private weighed = 0;
  private group = 0;

  constructor(
    count: number,
    private readonly of: ReadonlyMap<string, KeptMeans>,
  ) {
    const tensors = [...of];
    this.sums = {
      count,
      examples: new Float64Array(count),
      weight: new Float64Array(count),
      tensors: new Map(tensors.map(([name, t]) => [name, new Float64Array(count * t.f.size)])),
    };
    this.before = new Map(tensors.map(([name, t]) => [name, new Float64Array(t.f.size)]));
  }

  /** Before a batch is added: a group ends where the next begins. */
  enter({ group = 0 }: ExampleBatch): void {
    if (group !== this.group) this.close();
    this.group = group;
  }

  /** After the last batch. */
  close(): void {
    const { sums, of, before, group } = this;
    for (const [name, { f, divisor }] of of) {
      const to = sums.tensors.get(name) as Float64Array;
      const last = before.get(name) as Float64Array;
      addGrowth(to.subarray(group * f.size, (group + 1) * f.size), f.mean, divisor, last);
    }
    const first = of.values().next().value;
    if (!first) return;
    sums.examples[group] += first.f.count - this.counted;
    sums.weight[group] += first.divisor - this.weighed;
    [this.counted, this.weighed] = [first.f.count, first.divisor];
  }
}

/** Adds what `divisor` times the mean has grown by since `last`, which becomes it. */
function addGrowth(to: Float64Array, mean: Float64Array, divisor: number, last: Float64Array): void {
  for (let i = 0; i < last.length; i++) {
    const now = mean[i] * divisor;
    to[i] += now - last[i];
    last[i] = now;
  }
}

/** As arrays of a part, which stay theirs. */
export function groupPart({ examples, weight, tensors }: GroupSums): SumsPart {
  return {
    'group/examples': examples,
    'group/weight': weight,
    ...Object.fromEntries([...tensors].map(([name, sums]) => [`${TENSOR}${name}`, sums])),
  };
}

/** null: the part has none. */
export function groupsOfPart(part: SumsPart): GroupSums | null {
  if (!('group/examples' in part)) return null;
  const { 'group/examples': examples, 'group/weight': weight } = part;
  const tensors = Object.entries(part).flatMap(([key, sums]) =>
    key.startsWith(TENSOR) ? [[key.slice(TENSOR.length), sums] as const] : [],
  );
  return { count: examples.length, examples, weight, tensors: new Map(tensors) };
}

/** G of a part; 0: it has none. */
const countOf = (part: SumsPart): number => ('group/examples' in part ? part['group/examples'].length : 0);

/** What is said where two parts are not in the same groups; null: they are. */
export function groupsNote(a: SumsPart, b: SumsPart): string | null {
  const [one, other] = [a, b].map(countOf);
  return one === other
    ? null
    : 'sums by group of examples: left out, since parts were made with other numbers of groups';
}

/** The `group/…` arrays of two parts, added, in those of `a` where it is `spent`; none where their groups differ. */
export function mergedGroups(a: SumsPart, b: SumsPart, spent = false): SumsPart {
  if (groupsNote(a, b) !== null) return {};
  return Object.fromEntries(
    Object.entries(a).flatMap(([key, own]) => {
      if (!key.startsWith(PREFIX)) return [];
      const sums = spent ? own : own.slice();
      const other = b[key];
      for (let i = 0; i < sums.length; i++) sums[i] += other[i];
      return [[key, sums]];
    }),
  );
}
