/**
 * @module scores/explicit
 *
 * The score of a parameter without structure, held as it is: s [N, K, parameter's shape]. Where a parameter is tied, masked or applied at
 * several positions it is the sum over its uses, formed before anything is squared.
 */
import { matrixShape } from '../core/matrix-shape.js';
import { ops as b, type Value } from '../graph/index.js';
import type { Site } from '../model/sites.js';
import { rowGram } from './gram.js';
import type { Score } from './score.js';

export function explicitScore(site: Site, s: Value): Score {
  const self: Score = {
    site,
    neurons: s,
    input: null,
    strides: [1, 1],
    offset: 0,
    sum(t, _degree, ones) {
      if (!ones || t.shape.length !== 2) return b.reduceSum(t, [0]);
      return b.reshape(b.matmul(b.swapLast(ones), t), [t.shape[1]]);
    },
    peaks(t) {
      const [rows, columns] = matrixShape(site.parameter.shape as readonly number[]);
      const top = b.reshape(b.reduceMax(t, [0]), [rows, columns]);
      return { rows: b.reduceMax(top, [1]), columns: b.reduceMax(top, [0]) };
    },
    stacks: (t) => t.shape.length === 2,
    norms: (squares = b.square(s)) => b.reduceSum(squares, axesFrom(squares, 2)),
    gram: () => rowGram(s),
    reach: () => null,
    load: (W) => b.reshape(W, [1, ...s.shape.slice(2)]),
    explicit: () => s,
    aligned: () => self,
    moves: () => null,
    tangentNorms: (ds) => ds && b.reduceSum(b.square(ds), axesFrom(ds, 3)),
    second(along, x) {
      const scaled = x ? b.mul(along, b.unsqueeze(b.square(x), [1])) : along;
      return explicitScore(site, b.reshape(scaled, s.shape));
    },
    move: (hot) => ({
      z: site.parameter,
      tangent: b.reshape(hot, [hot.shape[0], ...site.parameter.shape]),
    }),
    factorRows: () => null,
    table: () => null,
    split: () => [() => self],
  };
  return self;
}

const axesFrom = (x: Value, from: number): number[] => x.shape.map((_, i) => i).slice(from);
