/**
 * @module data/class-names
 *
 * Numbers classes that are given as words, in the order that the user states: class k is `classes[k]`. A label matches as text, or as
 * the same number (`3` and `3.0`). An unknown one is refused with the list; nothing is guessed.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { Tensor } from '../core/tensor.js';

/** The number of a label; −1 where it is none of the classes. */
export function classOf(label: string, classes: readonly string[]): number {
  const index = classes.indexOf(label);
  if (index >= 0) return index;
  const value = label === '' ? NaN : Number(label);
  return Number.isNaN(value) ? -1 : classes.findIndex((name) => name !== '' && Number(name) === value);
}

/** Labels as class numbers, int64 of the same shape. Throws `csv/class-names` for a label that is no class. */
export function classTargets(
  labels: ArrayLike<string | number | bigint>,
  shape: readonly number[],
  classes: readonly string[],
  where: string,
): Tensor<'int64'> {
  const data = BigInt64Array.from({ length: labels.length }, (_, i) => {
    const label = String(labels[i]).trim();
    const index = classOf(label, classes);
    if (index < 0) throw unknownClass(label, classes, `${where}, example ${i} (counting from 0)`);
    return BigInt(index);
  });
  return { dtype: 'int64', shape, data };
}

export function unknownClass(label: string, classes: readonly string[], where: string): FimError {
  return new FimError({
    code: 'csv/class-names',
    where,
    rule: `a label is one of the classes ${classes.join(', ')}`,
    got: label === '' ? 'an empty label' : JSON.stringify(label),
    cause: 'a class that the list leaves out, or one that is written otherwise there',
    next: `${setting('classes', [...classes, label])} if it is a class of the network`,
  });
}

/** Throws `data/classes` unless there are two classes at least, all different. */
export function checkClasses(classes: readonly string[]): void {
  const twice = classes.find((name, i) => classes.indexOf(name) !== i);
  if (classes.length >= 2 && twice === undefined) return;
  throw new FimError({
    code: 'data/classes',
    kind: 'usage',
    where: setting('classes', classes),
    rule: 'names every class once, in the order of the network’s outputs',
    got: twice === undefined ? `${classes.length} of them` : `${twice} twice`,
    next: "`classes: ['a', 'b', 'c']`",
  });
}
