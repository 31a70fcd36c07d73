/**
 * @module cli/estimate/layers-out
 *
 * Second moments by layer as arrays of a file, fields of JSON and lines of text.
 */
import { type Tensor, zeros } from '../../core/tensor.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { formArrays, manifestLayers } from '../../fisher/forms/layers/arrays.js';
import { LAYER_FORMS, type LayerForm } from '../../fisher/forms/layers/items.js';
import type { LayersOutcome } from '../../jobs/layers.js';
import { formatCount } from '../../report/format.js';

/** Arrays of `--out` beside those of the diagonal; zeros of parameters that the network does not depend on. */
export function layersOut(
  { estimate, bases }: LayersOutcome,
  diagonal: Pick<DiagonalEstimate, 'tensors' | 'groupSums'>,
  unused: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Map<string, Tensor> {
  return new Map([
    ...formArrays(estimate, bases, diagonal),
    ...unused.map(({ name, shape }) => [`diagonal/${name}`, zeros('float64', shape)] as const),
  ]);
}

/** Fields of `--json`. */
export function layersJson({ estimate }: LayersOutcome, form: string): Record<string, unknown> {
  const { sharing, layers, arrays, interrupted, examples } = estimate;
  return {
    form,
    // Of the examples that the form is of, where it was interrupted: the diagonal is of all.
    ...(interrupted ? { formExamples: examples } : {}),
    sharing,
    forms: manifestLayers(layers),
    numbers: arrays.reduce((sum, { value }) => sum + value.length, 0),
  };
}

const WORDS: Readonly<Record<LayerForm, string>> = {
  kfac: 'Kronecker factors',
  ekfac: 'eigenbases and scales',
  unit: 'a block an output',
  block: 'blocks',
  diagonal: 'the diagonal alone',
};

/** Characters of a line. */
const WIDTH = 80;

/** `blocks: fc1.weight with fc1.bias, fc2.weight and 3 more`, as many as fit. */
function namesLine(word: string, names: readonly string[]): string {
  for (let shown = names.length; shown > 1; shown--) {
    const rest = names.length - shown;
    const line = `${word}: ${names.slice(0, shown).join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
    if (line.length <= WIDTH) return line;
  }
  return `${word}: ${names[0]}${names.length === 1 ? '' : ` and ${names.length - 1} more`}`;
}

/** What is kept, in a few lines. */
export function layersText({ estimate }: LayersOutcome): string {
  const { layers, arrays, examples } = estimate;
  const numbers = arrays.reduce((sum, { value }) => sum + value.length, 0);
  const lines = LAYER_FORMS.flatMap((form) => {
    const own = layers.filter((layer) => layer.form === form);
    const names = own.map(({ weight, bias }) => (bias === null ? weight : `${weight} with ${bias}`));
    return own.length === 0 ? [] : [namesLine(WORDS[form], names)];
  });
  return [...lines, `${formatCount(numbers)} numbers over ${formatCount(examples)} examples`, ''].join('\n');
}
