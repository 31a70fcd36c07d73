/**
 * @module graph/onnx/import/weights
 *
 * Table of the tensors that a file holds, as values of the graph: a weight becomes one named input however often it is read, a mask of −∞
 * a constant, and known numbers constants of the working type. Numbers that are none are refused by their place.
 */
import { FimError } from '../../../core/errors.js';
import { castTensor, type FloatType, isFloat, type Tensor } from '../../../core/tensor.js';
import { isBatch } from '../../dims.js';
import { leavesOf } from '../../graph.js';
import { constant, input, type Value } from '../../value.js';
import type { OnnxGraph } from '../proto/index.js';
import type { Role } from './context.js';
import { type Folded, isFolded, isWeights, type Item, tensorOf, type Weights } from './items.js';
import type { Candidate } from './options.js';
import { activationConstants } from './patterns.js';

/** The tensors of a file, made into values as they are read. */
export class WeightTable {
  private readonly constants = new Map<Folded, Value>();
  private readonly weights = new Map<Value, { weights: Weights; tensor: Tensor }>();
  private readonly inputOf = new Map<string, Value>();
  private readonly roles = new Map<string, Set<Role>>();
  private readers: { readonly graph: OnnxGraph; readonly by: ReadonlyMap<string, readonly string[]> } | null =
    null;
  private learned: { graph: OnnxGraph; reads: ReadonlySet<string> } | undefined;

  constructor(
    private readonly file: string,
    private readonly dtype: FloatType,
    private readonly graph: () => OnnxGraph,
  ) {}

  /** An item as a value of the graph. Throws `onnx/not-finite`, `graph/examples-coupled`. */
  materialise(item: Item): Value {
    if (isWeights(item)) return this.inputOf.get(item.name) ?? this.weightInput(item);
    if (!isFolded(item)) return item;
    const before = this.constants.get(item);
    if (before) return before;
    const whole = !isFloat(item.dtype);
    const broken = whole ? item.items.find((d) => !isBatch(d) && !Number.isInteger(d)) : undefined;
    if (broken !== undefined) throw notWhole(this.file, broken as number);
    const t = tensorOf(item, whole ? item.dtype : this.dtype);
    if (!t) throw countError(this.file, item);
    const value = constant(t);
    this.constants.set(item, value);
    return value;
  }

  /** Says what a weight is used as. */
  mark(name: string, role: Role): void {
    const set = this.roles.get(name) ?? new Set();
    this.roles.set(name, set.add(role));
  }

  /** Whether a weight of this name is an input of the graph. */
  has(name: string): boolean {
    return this.inputOf.has(name);
  }

  /** The content of a value that is a tensor of the file, else null. */
  tensorOf(value: Value): Tensor | null {
    return value.constant ?? this.weights.get(value)?.tensor ?? null;
  }

  /** The file's tensors among what `outputs` are computed from, in the file's order, then those of Constant nodes. */
  candidates(outputs: readonly Value[]): Candidate[] {
    const constants = activationConstants(outputs, (v) => this.weights.get(v)?.tensor ?? null);
    const order = new Map(this.graph().initializers.map((t, i) => [t.name, i]));
    return leavesOf(outputs)
      .flatMap((value): Candidate[] => {
        const entry = this.weights.get(value);
        if (!entry) return [];
        const { name, source, tensor: stored, mergedInto } = entry.weights;
        const roles = new Set(this.roles.get(name));
        if (constants.has(value)) roles.add('activation-constant');
        const own = {
          name,
          value,
          tensor: entry.tensor,
          source,
          storedType: stored.dtype,
          roles: [...roles],
        };
        return [mergedInto === undefined ? own : { ...own, mergedInto }];
      })
      .sort(
        (p, q) =>
          (order.get(p.name) ?? Infinity) - (order.get(q.name) ?? Infinity) || p.value.id - q.value.id,
      );
  }

  /** Whether the file reads a tensor other than as the mean or variance of a BatchNormalization. */
  readElsewhere(name: string): boolean {
    const graph = this.graph();
    if (this.learned?.graph !== graph) {
      const reads = graph.nodes.flatMap((n) =>
        n.inputs.filter((_, i) => n.opType !== 'BatchNormalization' || i < 3),
      );
      this.learned = { graph, reads: new Set(reads) };
    }
    return this.learned.reads.has(name);
  }

  private weightInput(w: Weights): Value {
    const t = castTensor(w.tensor, this.dtype);
    if (isMask(w.tensor) && this.readersOf(w.name).every((op) => MASKING.has(op))) {
      const mask = constant(t, w.name);
      this.inputOf.set(w.name, mask);
      return mask;
    }
    const at = (t.data as Float64Array).findIndex((x) => !Number.isFinite(x));
    if (at >= 0) throw notFinite(this.file, w, at, this.dtype);
    const value = input(w.name, this.dtype, t.shape);
    this.inputOf.set(w.name, value);
    this.weights.set(value, { weights: w, tensor: t });
    return value;
  }

  /** The operators of the file that read a name. */
  private readersOf(name: string): readonly string[] {
    const graph = this.graph();
    if (this.readers?.graph !== graph) {
      const by = new Map<string, string[]>();
      for (const { inputs, opType } of graph.nodes) {
        for (const read of new Set(inputs)) {
          const known = by.get(read);
          if (known) known.push(opType);
          else by.set(read, [opType]);
        }
      }
      this.readers = { graph, by };
    }
    return this.readers.by.get(name) ?? [];
  }
}

/** Operators through which a mask of −∞ reaches a Softmax. */
const MASKING = new Set(
  'Add Sub Where Min Max Slice Gather Unsqueeze Squeeze Reshape Flatten Expand Transpose Concat Cast CastLike Identity Attention MultiHeadAttention GroupQueryAttention'.split(
    ' ',
  ),
);

/** Numbers and −∞: what is added before a Softmax so that nothing is looked at. */
function isMask({ data }: Tensor): boolean {
  let masked = false;
  for (let i = 0; i < data.length; i++) {
    const x = Number(data[i]);
    if (x === -Infinity) masked = true;
    else if (!Number.isFinite(x)) return false;
  }
  return masked;
}

function countError(file: string, item: Folded): FimError {
  const got = item.items.filter(isBatch).length;
  return new FimError({
    code: 'graph/examples-coupled',
    where: file,
    rule: 'examples must be independent: the number of examples enters the values',
    got: `${got} of ${item.items.length} numbers of a tensor are multiples of N`,
    cause: 'the graph divides by, or adds, the size of its batch',
    next: 'leave averages over the batch out of the exported network',
  });
}

function notWhole(file: string, got: number): FimError {
  return new FimError({
    code: 'onnx/not-finite',
    where: file,
    rule: 'known whole numbers are whole',
    got: String(got),
    cause: 'a number that is infinite or none was cast to a whole one, or divided by 0',
    next: "onnx.checker.check_model('model.onnx') shows what is wrong; export the model again",
  });
}

function notFinite(file: string, w: Weights, flat: number, dtype: FloatType): FimError {
  const index: number[] = [];
  for (let i = w.tensor.shape.length - 1, rest = flat; i >= 0; i--) {
    index.unshift(rest % w.tensor.shape[i]);
    rest = Math.floor(rest / w.tensor.shape[i]);
  }
  const x = Number(w.tensor.data[flat]);
  const overflow = Number.isFinite(x);
  return new FimError({
    code: 'onnx/not-finite',
    where: `${file}, ${w.source === 'initializer' ? 'initialiser' : 'constant'} "${w.name}"`,
    rule: overflow ? `weights must be finite in ${dtype}` : 'weights must be finite',
    got: `${x} at [${index.join(', ')}]`,
    cause: overflow ? `too large for ${dtype}` : 'training diverged, or the file is damaged',
    next: overflow
      ? "use `dtype: 'float64'`"
      : 'train again with a smaller learning rate, or export a checkpoint from before',
  });
}
