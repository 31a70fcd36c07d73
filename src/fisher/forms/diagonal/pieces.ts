/**
 * @module fisher/forms/diagonal/pieces
 *
 * Statistics of a score taken piece by piece (scores/score, `split`), and joined: sums over the examples and the largest of rows one after
 * the other, the largest of columns by the maximum, norms and Gram matrices by addition. Every piece stands behind all that is taken of the
 * one before, so that whatever order a runtime chooses no more than one is held.
 */
import { batchAxis, N, ops as b, type Value } from '../../../graph/index.js';
import { neuronCount, type Score } from '../../../scores/index.js';

/** How an output of pieces is joined, by the first part of its name. */
const JOIN: Readonly<Record<string, 'add' | 'largest'>> = {
  q: 'add',
  m: 'add',
  fc: 'largest',
  vc: 'largest',
};

const size = (v: Value): number =>
  v.shape.slice(batchAxis(v.shape) + 1).reduce<number>((p, d) => p * (d as number), 1);

/** One number [1] that is known when `v` is. */
function markOf(v: Value): Value {
  if (batchAxis(v.shape) < 0) return b.slice(b.reshape(v, [size(v)]), 0, 0, 1);
  return b.reshape(
    b.reduceMax(
      v,
      v.shape.map((_, i) => i),
    ),
    [1],
  );
}

const all = (values: readonly Value[], both: (x: Value, y: Value) => Value): Value => values.reduce(both);

function joined(name: string, parts: readonly Value[]): Value {
  if (parts.length === 1) return parts[0];
  const how = JOIN[name];
  if (how) return all(parts, how === 'add' ? b.add : b.maximum);
  // By example [N, entries], or summed over them [entries].
  if (batchAxis(parts[0].shape) < 0)
    return b.concat(
      parts.map((v) => b.reshape(v, [size(v)])),
      0,
    );
  return b.concat(
    parts.map((v) => b.reshape(v, [N, size(v)])),
    1,
  );
}

/** What `take` makes of every piece of about `numbers` entries, joined, and the pieces. */
export function inPieces(
  score: Score,
  numbers: number,
  take: (piece: Score) => Readonly<Record<string, Value>>,
): { readonly outputs: Readonly<Record<string, Value>>; readonly pieces: readonly Score[] } {
  const parts = new Map<string, Value[]>();
  const pieces: Score[] = [];
  let after: Value | null = null;
  const made = score.split(numbers);
  made.forEach((make, i) => {
    const piece = make(after);
    pieces.push(piece);
    const outputs = take(piece);
    for (const [key, v] of Object.entries(outputs)) parts.set(key, [...(parts.get(key) ?? []), v]);
    if (i < made.length - 1) after = all(Object.values(outputs).map(markOf), b.add);
  });
  return {
    outputs: Object.fromEntries([...parts].map(([key, values]) => [key, joined(key, values)])),
    pieces,
  };
}

/** What a statistic [N, …] of the neurons of a whole score has of those of a piece. */
export function ofPiece(t: Value, piece: Score): Value {
  const shape = piece.neurons.shape.slice(2);
  const neurons = neuronCount(piece);
  const whole = size(t);
  if (whole === neurons) return t;
  const flat = b.slice(b.reshape(t, [N, whole]), 1, piece.offset, piece.offset + neurons);
  return b.reshape(flat, [N, ...shape]);
}
