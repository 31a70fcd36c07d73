/**
 * @module graph/onnx/import/model
 *
 * A file as values of the core graph, read from the outputs that are asked for: a node that no wanted output needs is never looked
 * at. Floating-point tensors of the file become named inputs (weights are inputs of every graph, never constants), except scalars
 * and what only makes up shapes and attributes; integers are folded.
 */
import { FimError } from '../../../core/errors.js';
import { castTensor, type DType, type FloatType, isFloat, type Tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { nodesOf } from '../../derive.js';
import { batchAxis, isBatch } from '../../dims.js';
import { leavesOf, type Named } from '../../graph.js';
import { constant, couplingError, input, type Value, withOrigin } from '../../value.js';
import { decodeModel, type ExternalFiles, isDense, type OnnxModel, type OnnxNode } from '../proto/index.js';
import { OpContext, type Reader, type Role } from './context.js';
import { dataInputs, isFloatType } from './inputs.js';
import { foldedNorm } from './folded-norm.js';
import {
  type Folded,
  isFolded,
  isValue,
  isWeights,
  type Item,
  itemOf,
  tensorOf,
  type WeightSource,
  type Weights,
} from './items.js';
import { nameEvidence, type NameEvidence } from './names.js';
import { activationConstants } from './patterns.js';
import { labelOf, nodesFor, type Source, sourceOf } from './source.js';
import {
  NEWEST_OPSET,
  checkImports,
  normaliserOf,
  OLDEST_OPSET,
  opsetOf,
  type Uncovered,
  uncoveredError,
  uncoveredOf,
} from './table.js';

/** How a file is read. */
export interface ImportOptions {
  /** The type of every floating-point value of the graph; float64 takes the file's float32 numbers exactly. Default float32. */
  readonly dtype?: FloatType;
  /** Gives the bytes of external data files, by their name relative to the model's folder. */
  readonly external?: ExternalFiles;
  /** The file's name in messages. */
  readonly file?: string;
}

/** An output as the file declares it. */
export interface OutputInfo {
  /** Its name. */
  readonly name: string;
  /** Whether it is a tensor of floating-point numbers; true also where the file does not say. */
  readonly float: boolean;
  /** Its element type, `unknown` where the file does not say. */
  readonly type: string;
}

/** A tensor of the file that is an input of the graph and may be a parameter. */
export interface Candidate {
  /** Its name in the file. */
  readonly name: string;
  /** The graph's input that stands for it. */
  readonly value: Value;
  /** Its content in the working type. */
  readonly tensor: Tensor;
  /** Whether it is an initialiser or a Constant node. */
  readonly source: WeightSource;
  /** The type in the file. */
  readonly storedType: DType;
  /** What it is used as, where that says whether it is learned. */
  readonly roles: readonly Role[];
  /** The initialiser that holds its numbers, where the exporter merged equal tensors and this one is read apart. */
  readonly mergedInto?: string;
}

/** A tensor of the file that is no candidate. */
export interface Leftover {
  /** Its name in the file. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Its element type. */
  readonly type: string;
  /** Why it can be no parameter. */
  readonly reason: string;
}

/**
 * Reads a file. Throws the errors of `decodeModel`, of `sourceOf` and of `dataInputs`, and `onnx/opset-range`, `onnx/opset-twice`.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `onnx/attribute`, `onnx/batch-sizes`, `onnx/data-type`,
 * `onnx/dynamic-axis`, `onnx/empty`, `onnx/external-missing`, `onnx/external-path`, `onnx/external-range`, `onnx/functions`,
 * `onnx/input-shape`, `onnx/input-type`, `onnx/ir-version`, `onnx/malformed`, `onnx/missing-output`, `onnx/name-twice`, `onnx/nesting`,
 * `onnx/no-opset`, `onnx/not-finite`, `onnx/not-onnx`, `onnx/sparse`, `onnx/tensor-size`, `onnx/truncated`, `tensor/size`
 *
 * @example
 * ```ts
 * import { denseNetwork, getLikelihood, networkToOnnx } from 'fim';
 * import { importModel } from 'fim/graph';
 *
 * const bytes = networkToOnnx(denseNetwork({ widths: [2, 3] }), getLikelihood('categorical'));
 * const model = importModel(bytes, { file: 'small.onnx' });
 * console.log(model.inputs.map(({ name }) => name), model.outputs.map(({ name }) => name)); // [ 'x' ] [ 'h' ]
 * ```
 */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const file = options.file ?? 'ONNX model';
  const model = decodeModel(bytes, {
    file,
    ...(options.external && { external: options.external }),
  });
  return importDecoded(model, options);
}

/** The same from plain objects. */
export function importDecoded(model: OnnxModel, options: ImportOptions = {}): ImportedModel {
  const file = options.file ?? 'ONNX model';
  return new ImportedModel(model, sourceOf(model.graph, file), options.dtype ?? 'float32');
}

/**
 * A file that has been read: its inputs, outputs, weights, and the value of any name, made when it is asked for.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `onnx/batch-sizes`, `onnx/dynamic-axis`, `onnx/input-shape`,
 * `onnx/input-type`, `onnx/not-finite`, `onnx/opset-range`, `onnx/opset-twice`, `tensor/size`
 */
export class ImportedModel {
  /** Name of the file, for messages. */
  readonly file: string;
  /** Data inputs, the examples along their first axis. */
  readonly inputs: readonly Named[];
  /** The outputs that the file declares. */
  readonly outputs: readonly OutputInfo[];
  /** The batch that the file fixes and that was made symbolic, or null. */
  readonly fixedBatch: number | null;
  /** Opset of ONNX's own operators. */
  readonly opset: number;
  /** Program that wrote the file, with its version, if the file says. */
  readonly producer: string;
  /** What the names of the file's tensors tell. */
  readonly names: NameEvidence;
  /** Metadata of the file, key by key. */
  readonly metadata: Readonly<Record<string, string>>;

  private readonly items = new Map<string, Item>();
  private readonly done = new Set<OnnxNode>();
  private readonly makers = new Map<Value, OnnxNode>();
  private readonly constants = new Map<Folded, Value>();
  private readonly weights = new Map<Value, { weights: Weights; tensor: Tensor }>();
  private readonly inputOf = new Map<string, Value>();
  private readonly roles = new Map<string, Set<Role>>();
  private learnedReads: ReadonlySet<string> | undefined;
  private readonly noted: Set<string>;
  private readonly reader: Reader;

  constructor(
    private readonly model: OnnxModel,
    /** @internal */
    readonly source: Source,
    /** The type of every floating-point value. */
    readonly dtype: FloatType,
  ) {
    this.file = source.file;
    checkImports(model, this.file);
    this.opset = opsetOf(model, '');
    if (this.opset < OLDEST_OPSET || this.opset > NEWEST_OPSET) throw opsetError(this.file, this.opset);
    const { inputs, fixedBatch } = dataInputs(source, dtype);
    this.inputs = inputs;
    this.fixedBatch = fixedBatch;
    for (const { name, value } of inputs) this.items.set(name, value);
    this.outputs = model.graph.outputs.map((o) => ({
      name: o.name,
      float: o.elemType === null || isFloatType(o.elemType),
      type: o.elemType ?? 'unknown',
    }));
    this.producer = [model.producerName, model.producerVersion].filter((s) => s !== '').join(' ');
    this.names = nameEvidence(model.producerName);
    this.metadata = model.metadata;
    this.noted = new Set(model.notes);
    if (fixedBatch !== null)
      this.noted.add(`the file fixes the batch at ${fixedBatch}; it was made symbolic`);
    this.reader = {
      dtype,
      fixedBatch,
      materialise: (item) => this.materialise(item),
      examples: () => this.inputs[0]?.value ?? null,
      mark: (name, role) => this.mark(name, role),
      note: (text) => this.noted.add(text),
      names: this.names,
      readElsewhere: (name) => this.readElsewhere(name),
    };
  }

  /** What was done to the graph on reading, one sentence each. */
  get notes(): readonly string[] {
    return [...this.noted];
  }

  /**
   * The value of any name of the graph.
   * Throws `onnx/operators` with everything on the way that is not covered, `onnx/form` for a form of a covered operator that is
   * not, `graph/examples-coupled`, `onnx/fixed-batch`, `onnx/not-finite`, `onnx/missing-input`, `onnx/cycle`.
   * @throws FimError with `graph/shape`, `onnx/element-type`, `tensor/size`
   */
  value(name: string): Value {
    const nodes = nodesFor(this.source, [name]);
    const missing = uncoveredOf(this.model, nodes);
    if (missing.length > 0) throw uncoveredError(`${this.file}, on the way to "${name}"`, missing);
    for (const node of nodes) this.read(node);
    const value = this.materialise(this.itemOf(name, `output "${name}"`));
    refuseMixing(value);
    return value;
  }

  /**
   * The operators that are not covered, of the whole file or of what the given names need.
   * @throws FimError with `onnx/cycle`, `onnx/missing-input`
   */
  coverage(names?: readonly string[]): Uncovered[] {
    return uncoveredOf(this.model, names ? nodesFor(this.source, names) : this.model.graph.nodes);
  }

  /**
   * The node of the file whose result a value is.
   * @internal
   */
  madeBy(value: Value): OnnxNode | null {
    return this.makers.get(value) ?? null;
  }

  /** The content of a value that is a tensor of the file, else null. */
  tensorOf(value: Value): Tensor | null {
    return value.constant ?? this.weights.get(value)?.tensor ?? null;
  }

  /** The file's tensors among what `outputs` are computed from, in the file's order, then those of Constant nodes. */
  candidates(outputs: readonly Value[]): Candidate[] {
    const leaves = leavesOf(outputs);
    const constants = activationConstants(outputs, (v) => this.weights.get(v)?.tensor ?? null);
    const order = new Map(this.model.graph.initializers.map((t, i) => [t.name, i]));
    return leaves
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

  /** The file's initialisers that are no candidates for `outputs`, each with the reason. */
  leftovers(outputs: readonly Value[]): Leftover[] {
    const taken = new Set(this.candidates(outputs).map((c) => c.name));
    return this.model.graph.initializers
      .filter((t) => !taken.has(t.name))
      .map((t) => ({ name: t.name, shape: t.shape, type: t.dtype, reason: this.reasonAgainst(t.name) }));
  }

  private reasonAgainst(name: string): string {
    const t = this.source.initializers.get(name)!;
    if (!isFloat(t.dtype as DType)) return `elements are ${t.dtype}`;
    if (!this.items.has(name)) return 'does not reach the output';
    if (t.shape.length === 0) return 'a scalar of rank 0';
    return this.inputOf.has(name) ? 'does not reach the output' : 'used only as an attribute or in a shape';
  }

  // ---- reading ----

  private read(node: OnnxNode): void {
    if (this.done.has(node)) return;
    const label = labelOf(node);
    const inputs = node.inputs.map((name) => (name === '' ? null : this.itemOf(name, label)));
    const opset = node.opset ?? opsetOf(this.model, node.domain);
    const c = new OpContext(this.reader, node, inputs, opset);
    const normaliser = normaliserOf(node, opset)!;
    const results = this.guarded(() => withOrigin(label, () => normaliser(c)));
    const list: readonly Item[] = Array.isArray(results) ? (results as readonly Item[]) : [results as Item];
    node.outputs.forEach((name, i) => {
      if (name === '' || i >= list.length) return;
      const item = list[i];
      this.items.set(name, item);
      if (isValue(item) && item.node && !this.makers.has(item)) this.makers.set(item, node);
    });
    this.done.add(node);
  }

  private itemOf(name: string, reader: string): Item {
    const before = this.items.get(name);
    if (before) return before;
    const t = this.source.initializers.get(name);
    if (!t) {
      throw new FimError({
        code: 'onnx/form',
        kind: 'unsupported',
        where: reader,
        rule: `reads "${name}", an output of ${labelOf(this.source.makers.get(name)!)} that is not computed`,
      });
    }
    if (!isDense(t)) {
      throw new FimError({
        code: 'onnx/element-type',
        kind: 'unsupported',
        where: `${this.file}, initialiser "${name}"`,
        rule: `elements of type ${t.dtype} are not covered`,
        got: `read by ${reader}`,
      });
    }
    if (t.storedAs)
      this.noted.add(`weights are stored as ${t.storedAs}; they are computed with as ${this.dtype}`);
    const item = this.normOf(name, t) ?? itemOf(name, t, 'initializer', !this.names.exporterMade(name));
    this.items.set(name, item);
    return item;
  }

  /** A tensor folded by PyTorch that holds the norms of a parameter is computed from it again: the parameter is in it. */
  private normOf(name: string, t: Tensor): Value | null {
    if (!this.names.pytorch || !this.names.exporterMade(name)) return null;
    for (const other of this.model.graph.initializers) {
      if (this.names.exporterMade(other.name) || !isDense(other)) continue;
      const axis = foldedNorm(t, other);
      if (axis === null) continue;
      this.noted.add(`"${name}" holds the norms of "${other.name}" and is computed from it again`);
      const w = this.materialise(this.itemOf(other.name, name));
      return b.sqrt(b.reduceSum(b.square(w), [axis], true));
    }
    return null;
  }

  private materialise(item: Item): Value {
    if (isWeights(item)) return this.inputOf.get(item.name) ?? this.weightInput(item);
    if (!isFolded(item)) return item;
    const before = this.constants.get(item);
    if (before) return before;
    const t = tensorOf(item, isFloat(item.dtype) ? this.dtype : item.dtype);
    if (!t) throw this.countError(item);
    const value = constant(t);
    this.constants.set(item, value);
    return value;
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

  /** Read by a node other than as the mean or variance of a BatchNormalization. */
  private readElsewhere(name: string): boolean {
    this.learnedReads ??= new Set(
      this.model.graph.nodes.flatMap((n) =>
        n.inputs.filter((_, i) => n.opType !== 'BatchNormalization' || i < 3),
      ),
    );
    return this.learnedReads.has(name);
  }

  private readersOf(name: string): string[] {
    return this.model.graph.nodes.filter((n) => n.inputs.includes(name)).map((n) => n.opType);
  }

  private mark(name: string, role: Role): void {
    const set = this.roles.get(name) ?? new Set();
    this.roles.set(name, set.add(role));
  }

  private countError(item: Folded): FimError {
    const got = item.items.filter(isBatch).length;
    return new FimError({
      code: 'graph/examples-coupled',
      where: this.file,
      rule: 'examples must be independent: the number of examples enters the values',
      got: `${got} of ${item.items.length} numbers of a tensor are multiples of N`,
      cause: 'the graph divides by, or adds, the size of its batch',
      next: 'leave averages over the batch out of the exported network',
    });
  }

  /** In a file with a fixed batch, a shape that does not fit may be the fault of that, and the message says so. */
  private guarded<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (this.fixedBatch === null || !(error instanceof FimError)) throw error;
      const { complaint, code } = error;
      if (code !== 'graph/shape' && code !== 'graph/examples-coupled') throw error;
      throw new FimError(
        {
          ...complaint,
          code: code === 'graph/shape' ? 'onnx/fixed-batch' : code,
          kind: 'unsupported',
          cause: `the file was exported for a batch of exactly ${this.fixedBatch}, and this node depends on it`,
          next: "export with a dynamic batch axis: for PyTorch dynamic_axes={'x': {0: 'n'}, …} (or dynamic=True in a wrapper), for Keras an input signature with None first",
        },
        { cause: error },
      );
    }
  }
}

/** A node that reads the examples and gives something without them has summed over them. */
function refuseMixing(output: Value): void {
  for (const node of nodesOf([output])) {
    if (batchAxis(node.output.shape) >= 0 || node.inputs.every((v) => batchAxis(v.shape) < 0)) continue;
    throw withOrigin(node.origin, () =>
      couplingError(node.op, node.inputs, 'the result joins all examples of the batch'),
    );
  }
}

function opsetError(file: string, opset: number): FimError {
  return new FimError({
    code: 'onnx/opset-range',
    kind: 'unsupported',
    where: file,
    rule: `the operator set is ONNX opset ${OLDEST_OPSET} to ${NEWEST_OPSET}`,
    got: opset === 0 ? 'none' : `opset ${opset}`,
    next: `export with opset_version=17, or convert: onnx.version_converter.convert_version(model, 17)`,
  });
}

/** Operators through which a mask of −∞ reaches a Softmax. */
const MASKING = new Set(
  'Add Sub Where Min Max Slice Gather Unsqueeze Squeeze Reshape Flatten Expand Transpose Concat Cast CastLike Identity'.split(
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
