/**
 * @module matrix/record
 *
 * The record of a Fisher in named arrays: which parameters it is over, in which order and shape, and which layer is held in which form.
 * Files of a diagonal and of a dense matrix say it by their arrays, those of forms by layer in their manifest.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { Tensor } from '../core/tensor.js';

/** Named arrays. */
export type Arrays = ReadonlyMap<string, Tensor>;

/** Arrays by name, whatever holds them. */
export type ArraySource = Pick<Arrays, 'has' | 'get'>;

/** Forms of a layer in a file. */
export type LayerForm = 'kfac' | 'ekfac' | 'block' | 'unit' | 'diagonal' | 'gram';

/** A layer of a file. */
export interface LayerRecord {
  /** The weight's name. */
  readonly name: string;
  /** How it is held. */
  readonly form: LayerForm;
  /** The weight, or a parameter by itself. */
  readonly weight: string;
  /** The bias that goes with it; null: none does. */
  readonly bias: string | null;
  /** Whether the weight is stored [out, in]; else it is [in, out]. */
  readonly transposed?: boolean;
  /** Width of the product in one group; absent where the parameter has none. */
  readonly out?: number | null;
  /** Width of its input in one group, the bias not counted. */
  readonly in?: number | null;
  /** Groups of a convolution. */
  readonly groups?: number | null;
  /** Whether A is held as its diagonal. */
  readonly diagonalInputs?: boolean;
}

/** What a Fisher is over, and how it is held. */
export interface FisherRecord {
  /** How it is held, in a word. */
  readonly form: string;
  /** In the order of θ. */
  readonly parameters: readonly {
    /** Name of the parameter. */
    readonly name: string;
    /** Its shape. */
    readonly shape: readonly number[];
  }[];
  /** By layer; null: one diagonal, or one matrix. */
  readonly layers: readonly LayerRecord[] | null;
}

const DIAGONAL = 'fisher/';

/** The record of a file by its arrays and its manifest. Throws `matrix/record` where it holds no Fisher. */
export function recordOf(
  names: readonly string[],
  shapeOf: (array: string) => readonly number[],
  manifest: Readonly<Record<string, unknown>> | null,
  where: string,
): FisherRecord {
  const layers = manifest?.layers;
  const found = names.flatMap((name) =>
    name.startsWith(DIAGONAL) ? [{ name: name.slice(DIAGONAL.length), shape: shapeOf(name) }] : [],
  );
  const shapes = inOrder(found, manifest?.parameterOrder);
  // A file of an estimate has the diagonal beside every form.
  const given = isList(manifest?.parameters) ? manifest.parameters : shapes;
  if (isList(layers) && layers.some(isLayer)) {
    if (!layers.every(isLayer) || !given.every(isParameter))
      throw noFisher(where, 'a manifest whose layers or parameters are not complete');
    const forms = [...new Set(layers.map(({ form }) => form))];
    // A diagonal of which single layers are kept in another form is none.
    const told = typeof manifest?.form === 'string' ? manifest.form : 'diagonal';
    const word = told === 'diagonal' ? forms.join(' and ') : told;
    return { form: word, parameters: given, layers };
  }
  if (!names.includes('fisher_dense')) {
    if (shapes.length === 0) throw noFisher(where, names.slice(0, 8).join(', ') || 'no arrays');
    return { form: 'diagonal', parameters: shapes, layers: null };
  }
  const order = manifest?.denseOrder;
  if (!isList(order)) throw noFisher(where, 'fisher_dense without denseOrder in the manifest');
  const parameters = order.map((name) => shapes.find((s) => s.name === name));
  if (!parameters.every((p) => p !== undefined))
    throw noFisher(where, 'fisher_dense without the shapes of its parameters');
  return { form: 'dense', parameters, layers: null };
}

/** In the order of θ where the manifest has it: a format may lay arrays out in an order of its own. What it does not name comes last. */
function inOrder<T extends { readonly name: string }>(found: readonly T[], order: unknown): readonly T[] {
  if (!isList(order)) return found;
  const place = new Map(order.map((name, i) => [name, i]));
  const at = ({ name }: T): number => place.get(name) ?? order.length;
  return [...found].sort((a, b) => at(a) - at(b));
}

const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x);

const has = (x: unknown, key: string): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && key in x;

const LAYER_FORMS: readonly unknown[] = [
  'kfac',
  'ekfac',
  'block',
  'unit',
  'diagonal',
  'gram',
] satisfies LayerForm[];

const isLayer = (x: unknown): x is LayerRecord =>
  has(x, 'form') && has(x, 'weight') && typeof x.weight === 'string' && LAYER_FORMS.includes(x.form);

const isSize = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0;

const isParameter = (x: unknown): x is FisherRecord['parameters'][number] =>
  has(x, 'name') &&
  has(x, 'shape') &&
  typeof x.name === 'string' &&
  Array.isArray(x.shape) &&
  x.shape.every(isSize) &&
  Number.isSafeInteger(x.shape.reduce((all: number, d: number) => all * d, 1));

const noFisher = (where: string, got: string): FimError =>
  new FimError({
    code: 'matrix/record',
    where,
    rule: 'a Fisher is arrays fisher/…, fisher_dense, or those of a form with their layers in the manifest',
    got,
    cause: 'a file of something else, or of sums that are to be merged first',
    next: `an estimate with ${setting('out', 'fisher.npz')}`,
  });
