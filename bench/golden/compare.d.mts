import type { Leaves } from './committed.mjs';
export interface Comparison {
  readonly compared: number;
  readonly masked: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly path: string; readonly relative: number; readonly text: string }[];
  /** The largest relative difference. */
  readonly worst: number;
}
/** What was added, removed and changed. */
export function compare(before: Leaves, after: Leaves): Comparison;
/** Whether nothing was changed or taken away. */
export function equal(result: Comparison): boolean;
