/**
 * @module graph/onnx/import/context
 *
 * The context of a normaliser, the function that turns one ONNX node into core values: its operands as values, numbers or
 * dimensions, its attributes with their defaults, and one way to refuse.
 */
import { FimError } from '../../../core/errors.js';
import { type FloatType, isFloat, type Tensor } from '../../../core/tensor.js';
import { type Dim, isBatch, type Shape, showShape, volume } from '../../dims.js';
import { couplingError, type Value } from '../../value.js';
import type { OnnxAttribute, OnnxNode } from '../proto/index.js';
import {
  folded,
  foldedTensor,
  isFolded,
  isSequence,
  isValue,
  isWeights,
  type Item,
  type Operand,
  type Sequence,
} from './items.js';
import type { NameEvidence } from './names.js';
import { labelOf } from './source.js';

/** What a weight is used as, where that says something about whether it is learned. */
export type Role =
  /** Running mean or variance of a BatchNormalization. */
  | 'running-statistic'
  /** Scale or shift of a normalisation. */
  | 'norm-scale'
  | 'norm-shift'
  /** A matrix or a peephole of a recurrent layer, and its bias, [directions, 2 · gates · hidden]. */
  | 'recurrent-weight'
  | 'recurrent-bias'
  /** Slope of a PRelu. */
  | 'prelu-slope'
  /** A constant of a GELU, hard-swish, … written out in elementwise operators, or the ε of a normalisation. */
  | 'activation-constant';

/** The part of the reader that normalisers use. */
export interface Reader {
  readonly dtype: FloatType;
  /** The batch that the file fixes, or null where it is dynamic. */
  readonly fixedBatch: number | null;
  /** An item as a value of the graph; weights become inputs. */
  materialise(item: Item): Value;
  /** A value that has the examples along its first axis. */
  examples(): Value | null;
  mark(weight: string, role: Role): void;
  /** Who wrote the file, and which names are a person's. */
  readonly names: NameEvidence;
  /** Whether the file reads an initialiser anywhere but as a running statistic. */
  readElsewhere(weight: string): boolean;
  /** The numbers of a small value that is computed from the file's own tensors alone, else null. */
  knownNumbers(value: Value, most?: number): Tensor | null;
  /** A number as the file's own floating-point type holds it. */
  held(x: number): number;
  note(text: string): void;
}

/** Most numbers that a folded tensor has. */
const LARGEST_FOLDED = 2 ** 22;

/** Most numbers that a value has of one example: 1 GiB in float32. */
const LARGEST_VALUE = 2 ** 28;

/** Makes the outputs of one node. */
export type Normaliser = (c: OpContext) => Operand | readonly Operand[];

export type NormaliserTable = Readonly<Record<string, Normaliser>>;

/** Numbers of an operand that is known; 0 where it is not. */
const sizeOfFolded = (operand: Operand | null): number =>
  operand && !isSequence(operand) && isFolded(operand) ? operand.items.length : 0;

export class OpContext {
  readonly dtype: FloatType;
  readonly label: string;

  constructor(
    readonly reader: Reader,
    readonly node: OnnxNode,
    private readonly inputs: readonly (Operand | null)[],
    readonly opset: number,
  ) {
    this.dtype = reader.dtype;
    this.label = labelOf(node);
  }

  get count(): number {
    return this.inputs.length;
  }

  /** Whether an optional operand is there. */
  has(i: number): boolean {
    return i < this.inputs.length && this.inputs[i] !== null;
  }

  /** Whether the node's output with this index is read or named. */
  wants(output: number): boolean {
    return (this.node.outputs[output] ?? '') !== '';
  }

  /** An operand of either kind. */
  operand(i: number): Operand {
    const operand = this.inputs[i];
    if (!operand) throw this.refuse(`needs operand ${i + 1}`, 'onnx/operand');
    return operand;
  }

  /** An operand that is a tensor. */
  item(i: number): Item {
    const operand = this.operand(i);
    if (isSequence(operand)) throw this.refuse(`operand ${i + 1} is a sequence, not a tensor`);
    return operand;
  }

  /** An operand that is a sequence. */
  sequence(i: number): Sequence {
    const operand = this.operand(i);
    if (!isSequence(operand)) throw this.refuse(`operand ${i + 1} is a tensor, not a sequence`);
    return operand;
  }

  items(): Item[] {
    return this.inputs.map((_, i) => this.item(i));
  }

  /** An operand as a value of the graph. */
  value(i: number): Value {
    return this.reader.materialise(this.item(i));
  }

  /** An operand as a floating-point value. */
  real(i: number): Value {
    const value = this.value(i);
    if (!isFloat(value.dtype)) throw this.refuse(`operand ${i + 1} must be floating point`, 'graph/shape');
    return value;
  }

  /** An operand with one axis. Throws `graph/shape`. */
  vector(i: number): Value {
    if (this.rank(i) !== 1) throw this.refuse(`operand ${i + 1} has one axis`, 'graph/shape');
    return this.real(i);
  }

  values(): Value[] {
    return this.inputs.map((_, i) => this.value(i));
  }

  shape(i: number): Shape {
    const item = this.item(i);
    return isWeights(item) ? item.tensor.shape : item.shape;
  }

  rank(i: number): number {
    return this.shape(i).length;
  }

  /** The name of a weight operand, else null. */
  weightName(i: number): string | null {
    const item = this.item(i);
    if (isWeights(item)) return item.name;
    return isValue(item) && !item.node && !item.constant ? item.name : null;
  }

  /** Says what a weight operand is used as. */
  mark(i: number, role: Role): void {
    const name = this.weightName(i);
    if (name !== null) this.reader.mark(name, role);
  }

  /** The one number of an operand that is known now, else null. */
  number(i: number): number | null {
    const item = this.item(i);
    if (isWeights(item)) return item.tensor.data.length === 1 ? Number(item.tensor.data[0]) : null;
    if (isFolded(item)) {
      return item.items.length === 1 && !isBatch(item.items[0]) ? item.items[0] : null;
    }
    return null;
  }

  /**
   * Whether an operand that is often an attribute in all but name may be learned: a tensor under a framework's own name; elsewhere one
   * that is none of the usual numbers.
   */
  learnable(i: number, usual: readonly number[]): boolean {
    const item = this.item(i);
    if (isFolded(item)) return false;
    if (!isWeights(item)) return true;
    if (item.source !== 'initializer' || this.reader.names.exporterMade(item.name)) return false;
    return this.reader.names.pytorch || !usual.includes(this.number(i) ?? NaN);
  }

  /** Operands that are known numbers with N among them make numbers of the weights beside them: they compute a shape. */
  counting(): Item[] {
    const items = this.items();
    if (!items.some((i) => isFolded(i) && i.items.some(isBatch))) return items;
    return items.map((i) => (isWeights(i) && i.tensor.data.length === 1 ? foldedTensor(i.tensor) : i));
  }

  /** The one number of an operand; refused where it is computed. */
  knownNumber(i: number, what: string): number {
    const x = this.number(i);
    if (x === null) throw this.refuse(`${what} must be a known number`, 'onnx/not-constant');
    return x;
  }

  /** An operand that makes up a shape: known whole numbers, or multiples of N. */
  dims(i: number, what: string): Dim[] {
    const item = this.item(i);
    if (!isFolded(item))
      throw this.refuse(`${what} must be known when the file is read`, 'onnx/not-constant');
    const fraction = item.items.find((d): d is number => !isBatch(d) && !Number.isInteger(d));
    if (fraction !== undefined) throw this.refuse(`${what} must be whole numbers, not ${fraction}`);
    return [...item.items];
  }

  /** Known whole numbers. */
  integers(i: number, what: string): number[] {
    return this.dims(i, what).map((d) => {
      if (isBatch(d)) throw this.coupled(`${what} depends on the number of examples`);
      return d;
    });
  }

  // ---- attributes ----

  int(name: string, fallback: number): number {
    const a = this.attribute(name);
    return a?.type === 'int' ? a.value : fallback;
  }

  /** An attribute that is 0 or 1. Throws `onnx/attribute`. */
  flag(name: string, fallback: boolean): boolean {
    const x = this.int(name, Number(fallback));
    if (x !== 0 && x !== 1) throw this.refuse(`${name} is 0 or 1, not ${x}`, 'onnx/attribute');
    return x === 1;
  }

  /** Files hold attributes in float32; a default is what they would hold. */
  float(name: string, fallback: number): number {
    const a = this.attribute(name);
    return a?.type === 'float' ? a.value : Math.fround(fallback);
  }

  text(name: string, fallback: string): string {
    const a = this.attribute(name);
    return a?.type === 'string' ? a.value : fallback;
  }

  ints(name: string): readonly number[] | null {
    const a = this.attribute(name);
    return a?.type === 'ints' ? a.value : null;
  }

  /** A list of integers that must be there. Throws `onnx/operand`. */
  needInts(name: string): readonly number[] {
    const list = this.ints(name);
    if (!list) throw this.refuse(`needs the attribute "${name}", a list of integers`, 'onnx/operand');
    return list;
  }

  floats(name: string): readonly number[] | null {
    const a = this.attribute(name);
    return a?.type === 'floats' ? a.value : null;
  }

  strings(name: string): readonly string[] | null {
    const a = this.attribute(name);
    return a?.type === 'strings' ? a.value : null;
  }

  attribute(name: string): OnnxAttribute | null {
    return Object.hasOwn(this.node.attributes, name) ? this.node.attributes[name] : null;
  }

  // ---- axes ----

  /** A non-negative axis of a value of this rank. */
  axis(axis: number, rank: number): number {
    const a = axis < 0 ? axis + rank : axis;
    if (!(a >= 0 && a < Math.max(rank, 1)))
      throw this.refuse(`rank ${rank} has no axis ${axis}`, 'onnx/axis');
    return a;
  }

  axes(axes: readonly number[], rank: number): number[] {
    const out = axes.map((a) => this.axis(a, rank)).sort((p, q) => p - q);
    if (new Set(out).size !== out.length) throw this.refuse(`axes [${axes.join(', ')}] repeat`, 'onnx/axis');
    return out;
  }

  // ---- folding ----

  /** A known float scalar of the working type. */
  scalar(x: number): Item {
    return folded(this.dtype, [], [x]);
  }

  /** The working type for floating-point types, other types unchanged. */
  working(dtype: Value['dtype']): Value['dtype'] {
    return isFloat(dtype) ? this.dtype : dtype;
  }

  /** A size that a folded tensor may have; larger ones are no shapes, and a damaged file could ask for any. */
  limited(size: number): number {
    if (!(size >= 0 && size <= LARGEST_FOLDED)) {
      throw this.refuse(
        `makes a constant of ${size} numbers; at most ${LARGEST_FOLDED} are folded`,
        'onnx/too-large',
      );
    }
    return size;
  }

  /** Refuses a result that is too large, and values of the same node on the way to it. Throws `onnx/too-large`. */
  requireSize(item: Item): void {
    if (isFolded(item) && !this.inputs.some((i) => sizeOfFolded(i) >= item.items.length))
      this.limited(item.items.length);
    if (!isValue(item)) return;
    const seen = new Set<Value>();
    const stack = [item];
    for (let v = stack.pop(); v; v = stack.pop()) {
      if (v.node?.origin !== this.label || seen.has(v)) continue;
      seen.add(v);
      const { size } = volume(v.shape);
      if (!(size <= LARGEST_VALUE)) {
        throw this.refuse(
          `makes a value of ${size} numbers for each example; at most ${LARGEST_VALUE} are computed with`,
          'onnx/too-large',
        );
      }
      stack.push(...v.node.inputs);
    }
  }

  // ---- refusals ----

  /** A form of a covered operator that is not. */
  refuse(rule: string, code = 'onnx/form', next?: string): FimError {
    return new FimError({
      code,
      kind: 'unsupported',
      where: this.label,
      rule,
      got: `opset ${this.opset}${this.shapes()}`,
      ...(next !== undefined && { next }),
    });
  }

  /** Something that depends on the number of examples, or mixes them. */
  coupled(rule: string): FimError {
    const operands = this.inputs.filter((i): i is Value => i !== null && !isSequence(i) && isValue(i));
    return couplingError(this.node.opType, operands, rule);
  }

  private shapes(): string {
    const list = this.inputs.map((i) => {
      if (i === null) return '–';
      if (isSequence(i)) return `a sequence of ${i.elements.length}`;
      const shape: Shape = isWeights(i) ? i.tensor.shape : i.shape;
      return showShape(shape);
    });
    return list.length === 0 ? '' : `, operands ${list.join(', ')}`;
  }
}
