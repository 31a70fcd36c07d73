/** Shapes on which the rules of products and movers differ. */

/** Operands of a matrix product. */
export const PRODUCTS: [string, string][] = [
  ['N 3', '3 2'],
  ['2N 3', '3 2'],
  ['N 1', '1 3'],
  ['2 N 3', '3 2'],
  ['2 N 3', '2 3 2'],
  ['N 3', '2 3 2'], // rows repeated for a stack of weights
  ['1 N 3', '2 3 2'],
  ['2 N 3', '1 3 2'],
  ['2 N 3', '3 1 3 2'],
  ['N 2 3', '3 2'], // tokens
  ['2N 2 3', '3 2'],
  ['2 N 2 3', '3 2'],
  ['N 2 3 2', 'N 2 2 3'], // attention
  ['N 2 3 2', '2 2 3'],
  ['N 2 3 2', 'N 1 2 3'],
  ['N 1 3 2', '3 2 2'],
  ['2 3', 'N 3 2'], // the left operand has no examples
  ['2 2 3', 'N 1 3 2'],
  ['3 2', '2N 2 2 3'],
  ['2 N 2 3', 'N 3 2'],
  ['2 N 2 3', '2 1 3 2'],
  ['2 3', '3 2'],
  ['2 2 3', '3 2'],
  ['2 3', '3 3 2'],
  ['2 1 2 3', '3 3 2'],
  ['2 3', '3 N'], // examples in columns
  ['2 2 3', '2 3 N'],
  ['2 3', '2 3 N'],
];

/** Contractions along the examples, as derived graphs have them. */
export const OVER_EXAMPLES: [string, string][] = [
  ['3 N', 'N 2'],
  ['3 2N', '2N 2'],
  ['2 3 N', '2 N 2'],
  ['2 3 N', 'N 2'],
  ['3 N', '2 N 2'],
  ['2 1 3 N', '3 N 2'],
];

/** From and to. */
export const RESHAPES: [string, string][] = [
  ['', '1 1'],
  ['6', '3 2'],
  ['2 3 2', '4 3'],
  ['N 6', 'N 3 2'],
  ['N 3 2', 'N 6'],
  ['N 3 2', '3N 2'],
  ['3N 2', 'N 3 2'],
  ['6N', '2N 3'],
  ['2N 3', '6N'],
  ['2N 3', '3N 2'],
  ['2 N 3', '2 3N'],
  ['2 2 N', '4 N 1'],
  ['4 2N 3', '2 2 N 2 3'],
  ['1 N 2', 'N 2'],
  ['N 2', '1 N 1 2'],
];

/** From and to; a 1 in the second keeps what is there. */
export const EXPANSIONS: [string, string][] = [
  ['', '2 3'],
  ['3', '2 3'],
  ['2 1', '2 3'],
  ['N 1', 'N 3'],
  ['N 1', '1 3'], // 1 keeps what is there
  ['N 3', '2 N 3'],
  ['1 N 1', '2 N 3'],
  ['2N 1 2', '3 2N 2 2'],
];

/** A table, its indices, and the axis of the table that they run along. */
export const LOOKUPS: [string, string, number][] = [
  ['4', '', 0], // rows
  ['4 3', '2', 0],
  ['2 4 3', '2 2', 1],
  ['N 4 3', '3', 1],
  ['2N 4', '2', 1],
  ['4 N 3', '2 2', 0],
  ['3 N 4', '', 2],
  ['4', 'N', 0], // a table of all examples
  ['4 3', 'N 2', 0],
  ['4 3 2', 'N', 0],
  ['2 4 3', 'N 2', 1],
  ['2 3 4', 'N 2 2', 2],
  ['N 4', 'N', 1], // tables of their own
  ['N 4 3', 'N 2', 1],
  ['N 2 4 3', 'N 3', 2],
  ['N 2 3 4', 'N 2 2', 3],
];
