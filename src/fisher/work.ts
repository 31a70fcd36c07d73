/**
 * @module fisher/work
 *
 * Work of an estimate in numbers, by kinds that a machine does at different speeds.
 */

/** Work of three kinds, which take a machine differently long. */
export interface Work {
  /** Operations in matrix products. */
  readonly products: number;
  /** Elements that anything else in an engine passes over. */
  readonly elements: number;
  /** Numbers that the host works on. */
  readonly host: number;
}

/** So much of some kinds. */
export const work = ({ products = 0, elements = 0, host = 0 }: Partial<Work> = {}): Work => ({
  products,
  elements,
  host,
});

/** a + times · b. */
export const plus = (a: Work, b: Work, times = 1): Work => ({
  products: a.products + times * b.products,
  elements: a.elements + times * b.elements,
  host: a.host + times * b.host,
});
