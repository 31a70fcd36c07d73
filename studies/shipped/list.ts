/**
 * @module studies/shipped/list
 *
 * The list of networks that npm packages ship: one file for each family, fixed before the reader that is judged by it, so nothing
 * leaves it. A family is a network's graph: files of one family differ in their weights or in the length of their input.
 */
import { readFileSync } from 'node:fs';

/** A file of the list. */
export interface Shipped {
  readonly family: string;
  /** Package and version on npm's registry. */
  readonly package: string;
  readonly version: string;
  /** Path within the package. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of the file. */
  readonly sha256: string;
  /** False: a quantised file, which is to be refused by that name. */
  readonly float: boolean;
}

/** The list. */
export const shippedList = (): readonly Shipped[] =>
  JSON.parse(readFileSync(new URL('./list.json', import.meta.url), 'utf8')) as Shipped[];
