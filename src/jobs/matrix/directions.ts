/**
 * @module jobs/matrix/directions
 *
 * Directions that a form of the Fisher answers for, of length 1: of a dense matrix or block its top eigenvectors and random ones inside it,
 * of blocks by neuron inside one neuron's, of a diagonal single coordinates, the largest and one drawn in proportion to its values, of
 * scales in an eigenbasis the basis's own vectors. Kronecker factors A ⊗ G are the Fisher of a bias whose weight's inputs have one position an
 * example (the last entry of A is 1); elsewhere they are an approximation, and a direction there is looked at but not judged. What is
 * between two blocks no form keeps.
 */
import { UniformStream } from '../../core/random.js';
import type { MatrixBlock } from '../../matrix/blocks/block.js';
import type { KroneckerBlock } from '../../matrix/blocks/kronecker.js';
import { StackBlock } from '../../matrix/blocks/stack.js';
import type { BlockMatrix, PlacedBlock } from '../../matrix/block-matrix.js';
import type { FisherMatrix } from '../../matrix/matrix.js';

/** Kinds of directions. */
export type DirectionKind = 'random' | 'top' | 'coordinate' | 'basis' | 'bias' | 'given';

/** A direction in θ. */
export interface Direction {
  /** How it was found. */
  readonly kind: DirectionKind;
  /** Where it lies: a layer, a parameter, or `network`. */
  readonly name: string;
  /** [P], of length 1. */
  readonly vector: Float64Array;
  /** Whether it was chosen by the values of the matrix, and so is to be judged by examples that did not choose it. */
  readonly chosen: boolean;
  /** Whether the form claims its quadratic form to be that of the Fisher. */
  readonly exact: boolean;
}

/** Which directions. */
export interface DirectionRequest {
  /** Random and top ones of one block of all of θ. */
  readonly whole: number;
  /** Of random draws. */
  readonly seed: number;
  /** Parameters of one position an example, whose bias Kronecker factors get right. */
  readonly dense: ReadonlySet<string>;
}

/** Directions of a matrix, block by block. */
export function directionsOf(matrix: BlockMatrix, request: DirectionRequest): Direction[] {
  const draws = new UniformStream(request.seed, 'verify/directions');
  const count = matrix.blocks.length === 1 ? request.whole : 1;
  return matrix.blocks.flatMap((placed, b) => {
    const found = directionsInside(placed, { count, draws, b, dense: request.dense });
    return found.map(({ x, ...rest }) => {
      const vector = new Float64Array(matrix.size);
      placed.region.scatter(unit(x), vector);
      return { ...rest, name: placed.region.name, vector };
    });
  });
}

type Inside = Omit<Direction, 'vector' | 'name'> & { readonly x: Float64Array };

interface Asked {
  readonly count: number;
  readonly draws: UniformStream;
  readonly b: number;
  readonly dense: ReadonlySet<string>;
}

function directionsInside({ region, block }: PlacedBlock, asked: Asked): Inside[] {
  const { count, draws, b, dense } = asked;
  const normal = (size: number, k: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => draws.normalAt(b, 0, k, i));
  const top = (kind: DirectionKind, exact = true): Inside[] => {
    const { values, vectors } = block.top(Math.min(count, block.size));
    return vectors.filter((_, k) => values[k] > 0).map((x) => ({ kind, x, chosen: true, exact }));
  };
  const [leaf] = leavesOf(block);
  switch (leaf.kind) {
    case 'diagonal':
      return coordinates(block.diagonal(), draws.at(b, 0, 0, 0));
    case 'eigenbasis':
      return top('basis');
    case 'kronecker': {
      if (region.parameters.length < 2 || !dense.has(region.parameters[0])) return top('top', false);
      const { inner } = (leaf as KroneckerBlock).parts;
      const x = normal(block.size, 0).map((z, i) => (i % inner === inner - 1 ? z : 0));
      return [{ kind: 'bias', x, chosen: false, exact: true }];
    }
    default: {
      const random = Array.from({ length: count }, (_, k): Inside => {
        const z = normal(block.size, k);
        return { kind: 'random', x: within(block, z, draws.at(b, 1, k, 0)), chosen: false, exact: true };
      });
      return [...top('top'), ...random];
    }
  }
}

const leavesOf = (block: MatrixBlock): readonly MatrixBlock[] =>
  block instanceof StackBlock ? block.blocks : [block];

/** z with all but one of the stacked blocks set to 0. */
function within(block: MatrixBlock, z: Float64Array, u: number): Float64Array {
  if (!(block instanceof StackBlock)) return z;
  const which = Math.floor(u * block.blocks.length);
  const from = block.blocks.slice(0, which).reduce((sum, { size }) => sum + size, 0);
  const to = from + block.blocks[which].size;
  return z.map((x, i) => (i >= from && i < to ? x : 0));
}

function coordinates(diagonal: Float64Array, u: number): Inside[] {
  const all = diagonal.reduce((sum, x) => sum + x, 0);
  if (!(all > 0)) return [];
  let largest = 0;
  let drawn = -1;
  let below = 0;
  diagonal.forEach((x, i) => {
    if (x > diagonal[largest]) largest = i;
    below += x;
    if (drawn < 0 && below >= u * all) drawn = i;
  });
  return [...new Set([largest, drawn < 0 ? largest : drawn])].map((at) => ({
    kind: 'coordinate',
    x: Float64Array.from(diagonal, (_, i) => (i === at ? 1 : 0)),
    chosen: true,
    exact: true,
  }));
}

/** Directions of a matrix of products: leading eigenvectors, random ones, and those that are given. */
export async function productDirections(
  fisher: Pick<FisherMatrix, 'size' | 'top'>,
  given: readonly Float64Array[],
  { whole, seed }: { readonly whole: number; readonly seed: number },
): Promise<Direction[]> {
  const draws = new UniformStream(seed, 'verify/directions');
  const { vectors } = await fisher.top(Math.min(whole, fisher.size));
  const of = { name: 'network', chosen: false, exact: true };
  return [
    ...vectors.map((vector): Direction => ({ ...of, kind: 'top', vector })),
    ...Array.from({ length: whole }, (_, k): Direction => {
      const z = Float64Array.from({ length: fisher.size }, (_z, i) => draws.normalAt(0, 0, k, i));
      return { ...of, kind: 'random', vector: unit(z) };
    }),
    ...given.map((v, k): Direction => ({ ...of, kind: 'given', name: `row ${k}`, vector: unit(v) })),
  ];
}

/** v/‖v‖. */
export function unit(v: Float64Array): Float64Array {
  const length = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  return v.map((x) => x / length);
}

/** A direction that was given: exact where all of it is inside one block that is dense, or is one coordinate of a diagonal. */
export function givenDirection(matrix: BlockMatrix, v: Float64Array, name: string): Direction {
  const touched = matrix.blocks.flatMap(({ region, block }) => {
    const x = region.gather(v);
    return x.some((z) => z !== 0) ? [{ block, x }] : [];
  });
  const exact = touched.length === 1 && answers(touched[0].block, touched[0].x);
  return { kind: 'given', name, vector: unit(v), chosen: false, exact };
}

function answers(block: MatrixBlock, x: Float64Array): boolean {
  if (block.kind === 'dense') return true;
  if (block.kind === 'diagonal') return x.filter((z) => z !== 0).length === 1;
  if (!(block instanceof StackBlock)) return false;
  let at = 0;
  const touched = block.blocks.filter(({ size }) => x.subarray(at, (at += size)).some((z) => z !== 0));
  return touched.length === 1 && touched[0].kind === 'dense';
}
