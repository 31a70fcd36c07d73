/** Types of committed.mjs and leaves.mjs, as far as test/golden uses them. */
export type Leaves = Map<string, unknown>;
export interface Command {
  readonly name: string;
  readonly cheap: boolean;
  readonly after?: string;
  readonly words: readonly string[];
}
export type Committed = Readonly<Record<string, unknown>>;
export const TOLERANCE: number;
export const CHEAP: readonly Command[];
export function committedOf(leaves: Leaves): Committed;
export function differences(was: Committed, is: Committed): string[];
export function readCommitted(folder: string, name: string): Committed | null;
