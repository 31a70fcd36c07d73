/**
 * @module fisher/forms/layers/items
 *
 * Items of a form that goes by layers: the arrays of second moments that it keeps, each mean over examples of matrices of some rows.
 *
 *   kfac/W/A      [in, in]         1/R Σ_r āāᵀ of the inputs, ā = (a, 1) where a bias goes with W; of a grouped weight [groups, in, in]
 *   kfac/W/A_diagonal [in]        the diagonal that A is of a table of more than 1,024 rows: how often each row is picked, over R
 *   kfac/W/G      [out, out]       Σ_k w_k Σ_r g_kr g_krᵀ of the gradients at its outputs
 *                                  of a bias by itself that goes with a weight kfac/b/G alone, with that weight's gradients
 *   unit/W        [out, in, in]    Σ_k w_k s_ko s_koᵀ of the weights into each output, its bias among them
 *   block/W       [out·in, out·in]  of all of them
 *   ekfac/W/scale [out, in]        Σ_k w_k ((U_Gᵀ S_k U_A)_oi)² in given bases, U_A of A's eigenvectors and U_G of G's: the diagonal of the
 *                                  Fisher in the rotated basis, of a grouped weight [groups, out, in]
 *
 * A parameter by itself has a block up to 512 numbers; beyond, its diagonal stands in the estimate of the diagonal.
 */
import { sizeOf } from '../../../core/tensor.js';
import { inputsOf, type Layer, type LayerMatrix, layerSize } from '../../../scores/layers.js';
import type { Sharing } from '../../../scores/score.js';

/** What a layer may be kept as. */
export const LAYER_FORMS = ['diagonal', 'unit', 'block', 'kfac', 'ekfac'] as const;

/** One of them. */
export type LayerForm = (typeof LAYER_FORMS)[number];

/** Largest parameter by itself that gets a block. */
export const BLOCK_LIMIT = 512;
/** Largest block that is asked for: as of the dense matrix. */
export const LARGEST_BLOCK = 8192;

/** A layer with the form that it has in the end. */
export interface FormedLayer extends Layer {
  /** As it was asked for where that exists, else what stands for it. */
  readonly form: LayerForm;
}

/** An array of second moments. */
export interface LayerItem {
  /** Of the array, `kfac/fc1.weight/A`. */
  readonly name: string;
  /** What its rows are. */
  readonly kind: 'inputs' | 'frequencies' | 'gradients' | 'units' | 'block' | 'scale';
  /** The weight. */
  readonly weight: string;
  /** The bias that goes with it. */
  readonly bias: string | null;
  /** Whether the parameter is taken as it lies, and not as a matrix [out, in]. */
  readonly plain: boolean;
  /** Of the array. */
  readonly shape: readonly number[];
  /** Matrices side by side. */
  readonly groups: number;
  /** Numbers of a row of one; of `scale` those of its longer side. */
  readonly width: number;
  /** R. */
  readonly rows: number;
}

/** Whether an item is of the inputs, which no draw enters. */
export const isOfInputs = ({ kind }: Pick<LayerItem, 'kind'>): boolean =>
  kind === 'inputs' || kind === 'frequencies';

/** Eigenvectors of the factors of a weight, in the columns: of A [groups, in, in], of G [groups, out, out]. */
export interface Basis {
  /** Matrices side by side. */
  readonly groups: number;
  /** [groups, in (+ 1), in (+ 1)]; null: unit vectors, of a factor that is kept as its diagonal. */
  readonly A: Float64Array | null;
  /** [groups, out, out]. */
  readonly G: Float64Array;
}

/** By the name of the weight. */
export type Bases = ReadonlyMap<string, Basis>;

/** The form of each layer: `asked` by the name of its weight. */
export function formed(
  layers: readonly Layer[],
  asked: (weight: string) => LayerForm,
  sharing: Sharing,
): FormedLayer[] {
  return layers.map((layer) => ({ ...layer, form: formOf(layer, asked(layer.weight), sharing) }));
}

function formOf(layer: Layer, asked: LayerForm, sharing: Sharing): LayerForm {
  if (!layer.reached || asked === 'diagonal') return 'diagonal';
  if (layer.matrix && asked !== 'block' && !tooManyRows(layer.matrix, asked, sharing)) return asked;
  if (layer.apartFrom !== null && asked === 'kfac') return asked;
  const most = asked === 'block' ? LARGEST_BLOCK : BLOCK_LIMIT;
  return layerSize(layer) <= most ? 'block' : 'diagonal';
}

/** Whether a table would take a matrix [in, in]: in units, or where A is of mean inputs. */
const tooManyRows = ({ diagonalInputs, positions }: LayerMatrix, asked: LayerForm, sharing: Sharing) =>
  diagonalInputs && (asked === 'unit' || (sharing === 'reduce' && positions > 1));

/** The arrays of a layer; none of a diagonal one. Of `ekfac` without `bases` the factors of the first round, with them the scale. */
export function itemsOf(
  layer: FormedLayer,
  sharing: Sharing,
  bases: Bases | null,
  positions: number,
): LayerItem[] {
  const { weight, bias, matrix, form, apartFrom } = layer;
  const of = { weight, bias, plain: matrix === null };
  if (form === 'diagonal') return [];
  if (form === 'kfac' && apartFrom !== null) {
    const width = sizeOf(layer.shape);
    const own = { ...of, weight: apartFrom, groups: 1, width, rows: positions };
    return [{ ...own, name: `kfac/${weight}/G`, kind: 'gradients', shape: [width, width] }];
  }
  if (form === 'block' || !matrix) {
    const width = layerSize(layer);
    return [
      { ...of, name: `block/${weight}`, kind: 'block', shape: [width, width], groups: 1, width, rows: 1 },
    ];
  }
  const { groups, outputs } = matrix;
  const inputs = inputsOf(layer);
  if (form === 'unit') {
    const units = groups * outputs;
    const own = { kind: 'units', shape: [units, inputs, inputs], groups: units } as const;
    return [{ ...of, ...own, name: `unit/${weight}`, width: inputs, rows: 1 }];
  }
  const rows = sharing === 'reduce' ? 1 : matrix.positions;
  if (form === 'ekfac' && bases) {
    const shape = groups === 1 ? [outputs, inputs] : [groups, outputs, inputs];
    const own = { kind: 'scale', shape, groups, width: Math.max(inputs, outputs) } as const;
    return [{ ...of, ...own, name: `ekfac/${weight}/scale`, rows: matrix.positions }];
  }
  const shapeOf = (width: number) => (groups === 1 ? [width, width] : [groups, width, width]);
  const factor = (kind: 'inputs' | 'gradients', width: number, letter: string): LayerItem => ({
    ...of,
    ...{ name: `kfac/${weight}/${letter}`, kind, shape: shapeOf(width), groups, width, rows },
  });
  const gradients = factor('gradients', outputs, 'G');
  if (!matrix.diagonalInputs) return [factor('inputs', inputs, 'A'), gradients];
  const frequencies = { kind: 'frequencies', shape: [inputs], groups, width: inputs, rows } as const;
  return [{ ...of, ...frequencies, name: `kfac/${weight}/A_diagonal` }, gradients];
}

/** What sums of a form by layers are of, as plain data. */
export interface SumsLayers {
  /** With the form of each. */
  readonly layers: readonly FormedLayer[];
  /** The arrays. */
  readonly items: readonly LayerItem[];
  /** How positions make factors. */
  readonly sharing: Sharing;
  /** Whether elements have errors. */
  readonly errors: boolean;
  /** SHA-256 of the bases of scales; null: there are none. */
  readonly basis: string | null;
}
