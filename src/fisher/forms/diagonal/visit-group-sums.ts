/**
 * @module fisher/forms/diagonal/visit-group-sums
 *
 * Sums by group of weighted visits (fisher/visit-groups), beside an estimate whose batches are each of one group: D_g = Σuf of drawn visits,
 * and of groups of inputs T_g = Σf of what is taken once. Groups of visits are given as sums of a plain mean, D_g + (n_g/N)·T, of which
 * any of them have the mean T/N + D/n; groups of inputs with what matrix/visited-groups takes beside.
 */
import type { GroupSums, Population } from '../../estimate.js';
import type { BatchWatch } from '../../loop.js';
import type { ExampleBatch } from '../../source.js';
import { inputGroups } from '../../visit-groups.js';
import { STRATA, stratumOf, type VisitDesign } from '../../visits.js';
import type { SumsPart } from '../sums.js';
import { GroupKeeper, groupPart, groupsOfPart } from './group-sums.js';
import type { DiagonalSums } from './sums.js';
import type { TensorSums } from './tensor-sums.js';

const TAKEN = 'group/taken/';

/** What is kept: as arrays of a part both add. */
export interface VisitGroupSums {
  /** D_g, with the drawn visits of each. */
  readonly drawn: GroupSums;
  /** T_g by parameter [G, …]; null: of groups of visits. */
  readonly taken: ReadonlyMap<string, Float64Array> | null;
}

/** Keeps the groups of a run of weighted visits apart. */
export class VisitKeeper implements BatchWatch {
  private readonly drawn: GroupKeeper;
  private readonly taken: GroupKeeper | null;
  private readonly stratum: (index: number) => number;

  constructor(count: number, sums: readonly DiagonalSums[], design: VisitDesign, population: Population) {
    this.stratum = stratumOf(design);
    this.drawn = new GroupKeeper(count, sums[STRATA.drawn].value.tensors);
    this.taken =
      population === 'distribution' ? new GroupKeeper(count, sums[STRATA.taken].value.tensors) : null;
  }

  enter(examples: ExampleBatch): void {
    const keeper = this.stratum(examples.indices[0]) === STRATA.drawn ? this.drawn : this.taken;
    keeper?.enter(examples);
  }

  close(): void {
    this.drawn.close();
    this.taken?.close();
  }

  get sums(): VisitGroupSums {
    return { drawn: this.drawn.sums, taken: this.taken && this.taken.sums.tensors };
  }
}

/** As arrays of a part. */
export const visitGroupPart = ({ drawn, taken }: VisitGroupSums): SumsPart => ({
  ...groupPart(drawn),
  ...Object.fromEntries([...(taken ?? [])].map(([name, sums]) => [`${TAKEN}${name}`, sums])),
});

/** null: the part has none. */
export function visitGroupsOfPart(part: SumsPart): VisitGroupSums | null {
  const drawn = groupsOfPart(part);
  if (!drawn) return null;
  const taken = Object.entries(part).flatMap(([key, sums]) =>
    key.startsWith(TAKEN) ? [[key.slice(TAKEN.length), sums] as const] : [],
  );
  return { drawn, taken: taken.length > 0 ? new Map(taken) : null };
}

/** As an estimate states them: `taken`, the sums of what is taken once; `seed` of the draw of groups. */
export function statedGroups(
  { drawn, taken: byInput }: VisitGroupSums,
  taken: ReadonlyMap<string, TensorSums>,
  design: VisitDesign,
  seed: number,
): GroupSums {
  const { count, examples } = drawn;
  if (byInput) return { ...drawn, byInput: { ...inputGroups(design, { count, seed }), taken: byInput } };
  const tensors = [...drawn.tensors].map(([name, sums]) => {
    const own = (taken.get(name) as TensorSums).f;
    const share = own.count / design.population;
    const size = sums.length / count;
    const out = sums.map((D, i) => D + examples[Math.floor(i / size)] * share * own.mean[i % size]);
    return [name, out] as const;
  });
  return { ...drawn, tensors: new Map(tensors) };
}
