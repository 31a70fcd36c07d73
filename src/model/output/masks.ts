/**
 * @module model/output/masks
 *
 * Masks of positions, [N, S] of numbers above 0 where a position counts: an input of the file that says so, an input of its own that data
 * fill from their labels (`ignoreLabel`), or both, which leave out what either does.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import * as b from '../../graph/build.js';
import { N, showShape } from '../../graph/dims.js';
import type { ImportedModel } from '../../graph/onnx/import/model.js';
import { input, type Value } from '../../graph/value.js';
import type { Positions } from './positions.js';

/** Name of the input that data fill where labels are ignored; no name of a file's has a space at its end. */
export const LABEL_MASK = 'positions with a label ';

/** What is said of masks. */
export interface MaskSettings {
  /** An input of the file whose numbers above 0 are the positions that count. */
  readonly mask?: string | undefined;
  /** A label of the data that marks positions without one. */
  readonly ignoreLabel?: number | undefined;
}

/** Makes masks for one output; `made` is the input for labels, once there is one. */
export interface Masks {
  readonly of: ((positions: Positions) => Value) | null;
  readonly made: () => Value | null;
}

/** Throws, when it is asked for a mask, `model/mask`. */
export function masksOf(model: ImportedModel, { mask, ignoreLabel }: MaskSettings): Masks {
  let labels: Value | null = null;
  if (mask === undefined && ignoreLabel === undefined) return { of: null, made: () => null };
  return {
    of: (positions) => {
      const named = mask === undefined ? null : inputMask(model, mask, positions);
      if (ignoreLabel === undefined) return named as Value;
      labels = input(LABEL_MASK, model.dtype, [N, positions.count]);
      return named
        ? b.mul(b.indicator(b.greater(named, b.scalar(0, model.dtype)), model.dtype), labels)
        : labels;
    },
    made: () => labels,
  };
}

function inputMask(model: ImportedModel, name: string, { shape, count }: Positions): Value {
  const found = model.inputs.find((i) => i.name === name);
  const wrong = (rule: string, got: string): FimError =>
    new FimError({
      code: 'model/mask',
      kind: 'usage',
      where: setting('mask', name),
      rule,
      got,
      next: found ? 'leave `mask` out' : setting('mask', model.inputs[0]?.name ?? 'attention_mask'),
    });
  if (!found) {
    throw wrong('names an input of the network', `inputs: ${model.inputs.map((i) => i.name).join(', ')}`);
  }
  const { value } = found;
  const size = value.shape.slice(1).reduce<number>((p, d) => p * (d as number), 1);
  if (size !== count)
    throw wrong(`has one number for each of the ${shape.join(' × ')} positions`, showShape(value.shape));
  return b.cast(b.reshape(value, [N, count]), model.dtype);
}
