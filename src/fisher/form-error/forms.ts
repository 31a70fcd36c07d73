/**
 * @module fisher/form-error/forms
 *
 * Forms of the Fisher that are compared, with the numbers that each keeps of a layer and the operations that it takes for an example.
 */
import { LARGEST_BLOCK } from '../forms/layers/items.js';
import { type LayerParts, type Part, type ProductPart, sizeOfPart } from './parts.js';

/** Forms by what they keep of a layer, in the order in which they are listed. */
export const COMPARED_FORMS = ['diagonal', 'unit', 'block', 'kfac', 'kfac-reduce', 'ekfac'] as const;

/** One of them: `kfac` shares by `expand`, `kfac-reduce` by `reduce`. */
export type ComparedForm = (typeof COMPARED_FORMS)[number];

/** Whether the block of a layer is kept; beyond, what is asked for as a block is kept by its diagonal. */
export const blockFits = ({ size }: Pick<LayerParts, 'size'>): boolean => size <= LARGEST_BLOCK;

/** Numbers that a form keeps of a layer. */
export function numbersKept({ parts, size }: LayerParts, form: ComparedForm): number {
  if (form === 'block') return blockFits({ size }) ? size ** 2 : size;
  return parts.reduce((sum, p) => sum + numbersOfPart(p, form), 0);
}

function numbersOfPart(part: Part, form: ComparedForm): number {
  const size = sizeOfPart(part);
  if (form === 'diagonal') return size;
  if (part.kind === 'rows') return part.kept === 'block' ? size ** 2 : size;
  const { inputs, outputs } = part;
  if (keepsDiagonal(part, form)) return size;
  if (form === 'unit') return outputs * inputs ** 2;
  return (part.diagonalInputs ? inputs : inputs ** 2) + outputs ** 2 + (form === 'ekfac' ? size : 0);
}

/** Whether a table has its diagonal alone by a form that would take a matrix of its inputs. */
export const keepsDiagonal = ({ diagonalInputs, positions }: ProductPart, form: ComparedForm): boolean =>
  diagonalInputs && (form === 'unit' || (form === 'kfac-reduce' && positions > 1));

/**
 * Operations for one example with K columns: its scores, and what the form adds to its sums. The eigenvectors of EKFAC, taken once, are
 * 9(in³ + out³), shared out over `examples`.
 */
export function operationsFor(
  { parts, size }: LayerParts,
  form: ComparedForm,
  K: number,
  examples: number,
): number {
  const scores = parts.reduce((sum, p) => sum + scoreOperations(p, K), 0);
  if (form === 'block' && blockFits({ size })) return scores + formed(parts, K) + 2 * K * size ** 2;
  return scores + parts.reduce((sum, p) => sum + operationsOfPart(p, form, K, examples), 0);
}

/** Forward and back through the layer. */
export function scoreOperations(part: Part, K: number): number {
  if (part.kind === 'rows') return 2 * K * part.size;
  return 2 * (1 + K) * part.positions * part.inputs * part.outputs;
}

/** Scores entry by entry, of one position formed as well. */
const formed = (parts: readonly Part[], K: number): number =>
  parts.reduce((sum, p) => sum + (p.kind === 'rows' ? 0 : 2 * K * p.positions * sizeOfPart(p)), 0);

function operationsOfPart(part: Part, form: ComparedForm, K: number, examples: number): number {
  const size = sizeOfPart(part);
  if (part.kind === 'rows') return 2 * K * (form !== 'diagonal' && part.kept === 'block' ? size ** 2 : size);
  const { inputs, outputs } = part;
  if (form === 'diagonal' || form === 'block' || keepsDiagonal(part, form))
    return diagonalOperations(part, K);
  if (form === 'unit') {
    const each = 2 * outputs * inputs ** 2;
    return part.positions === 1 ? 2 * K * outputs + each : formed([part], K) + K * each;
  }
  const R = form === 'kfac-reduce' ? 1 : part.positions;
  const factors = 2 * R * ((part.diagonalInputs ? 1 : inputs ** 2) + K * outputs ** 2);
  if (form !== 'ekfac') return factors;
  const eigen = (9 * ((part.diagonalInputs ? 0 : inputs ** 3) + outputs ** 3)) / examples;
  return 2 * factors + diagonalOperations(part, K) + eigen;
}

const diagonalOperations = (part: ProductPart, K: number): number =>
  part.positions === 1
    ? 2 * K * part.outputs + 2 * sizeOfPart(part)
    : formed([part], K) + 3 * K * sizeOfPart(part);
