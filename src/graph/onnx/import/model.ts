/**
 * @module graph/onnx/import/model
 *
 * A file as values of the core graph, read from the outputs that are asked for: a node that no wanted output needs is never looked
 * at. Floating-point tensors of the file become named inputs (weights are inputs of every graph, never constants), except scalars
 * and what only makes up shapes and attributes; integers are folded.
 */
import { FimError } from '../../../core/errors.js';
import { type DType, type FloatType, isFloat, type Tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { volume } from '../../dims.js';
import type { Named } from '../../graph.js';
import { type Value, withOrigin } from '../../value.js';
import { decodeModel, isDense, type OnnxGraph, type OnnxModel, type OnnxNode } from '../proto/index.js';
import { OpContext, type Reader } from './context.js';
import { isControl, resolveControl } from './control/resolve.js';
import { foldedNorm } from './folded-norm.js';
import { heldType } from './held-type.js';
import { dataInputs, isFloatType } from './inputs.js';
import {
  isFolded,
  isSequence,
  isValue,
  type Item,
  itemOf,
  lengthOf,
  numberOf,
  type Operand,
} from './items.js';
import { knownNumbers } from './known.js';
import { blamingBatch, refuseMixing } from './mixing.js';
import { nameEvidence, type NameEvidence } from './names.js';
import type { Candidate, ImportOptions, Leftover, OutputInfo } from './options.js';
import { FIRST_AXIS, type Reading } from './readings.js';
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
import { WeightTable } from './weights.js';

/**
 * Reads a file. Throws the errors of `decodeModel`, of `sourceOf` and of `dataInputs`, and `onnx/opset-range`, `onnx/opset-twice`.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `onnx/attribute`, `onnx/batch-sizes`, `onnx/cycle`, `onnx/data-type`,
 * `onnx/dynamic-axis`, `onnx/element-type`, `onnx/empty`, `onnx/external-missing`, `onnx/external-path`, `onnx/external-range`,
 * `onnx/fixed-batch`, `onnx/form`, `onnx/functions`, `onnx/input-shape`, `onnx/input-type`, `onnx/ir-version`, `onnx/malformed`,
 * `onnx/missing-input`, `onnx/missing-output`, `onnx/name-twice`, `onnx/nesting`, `onnx/no-opset`, `onnx/not-finite`, `onnx/not-onnx`,
 * `onnx/sparse`, `onnx/tensor-size`, `onnx/too-large`, `onnx/truncated`, `tensor/size`
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
  return new ImportedModel(model, sourceOf(model.graph, file), options.dtype ?? 'float32', options.reading);
}

/**
 * A file that has been read: its inputs, outputs, weights, and the value of any name, made when it is asked for.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `onnx/batch-sizes`, `onnx/cycle`, `onnx/dynamic-axis`,
 * `onnx/element-type`, `onnx/fixed-batch`, `onnx/form`, `onnx/input-shape`, `onnx/input-type`, `onnx/missing-input`, `onnx/missing-output`,
 * `onnx/name-twice`, `onnx/not-finite`, `onnx/opset-range`, `onnx/opset-twice`, `onnx/too-large`, `tensor/size`
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

  private current: Source;
  private readonly items = new Map<string, Operand>();
  private readonly done = new Set<OnnxNode>();
  private readonly makers = new Map<Value, OnnxNode>();
  private readonly weights: WeightTable;
  private readonly noted: Set<string>;
  private readonly reader: Reader;

  constructor(
    private readonly model: OnnxModel,
    source: Source,
    /** The type of every floating-point value. */
    readonly dtype: FloatType,
    /** How the inputs are read. */
    readonly reading: Reading = FIRST_AXIS,
  ) {
    this.file = source.file;
    this.current = source;
    checkImports(model, this.file);
    this.opset = opsetOf(model, '');
    if (this.opset < OLDEST_OPSET || this.opset > NEWEST_OPSET) throw opsetError(this.file, this.opset);
    const { inputs, items, fixedBatch } = dataInputs(source, dtype, reading);
    this.inputs = inputs;
    this.fixedBatch = fixedBatch;
    for (const [name, item] of items) this.items.set(name, item);
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
    this.weights = new WeightTable(this.file, dtype, () => this.source.graph);
    const held = heldType(source.graph);
    this.reader = {
      dtype,
      fixedBatch,
      materialise: (item) => this.weights.materialise(item),
      examples: () => this.inputs[0]?.value ?? null,
      mark: (name, role) => this.weights.mark(name, role),
      note: (text) => this.noted.add(text),
      names: this.names,
      held,
      knownNumbers: (value, most) => knownNumbers(value, (leaf) => this.weights.tensorOf(leaf), held, most),
      readElsewhere: (name) => this.weights.readElsewhere(name),
    };
    if (model.graph.nodes.some(isControl)) {
      const graph = resolveControl(model.graph, {
        opset: this.opset,
        number: (g, name) => this.known(g, name, (o) => (!isSequence(o) && isFolded(o) ? numberOf(o) : null)),
        length: (g, name, axis) => this.known(g, name, (o) => (isSequence(o) ? null : lengthOf(o, axis))),
        single: (g, name) =>
          this.known(g, name, (o) => !isSequence(o) && isValue(o) && volume(o.shape).size === 1) ?? false,
      });
      this.look(graph);
    }
  }

  /**
   * The graph by name, its control flow resolved.
   * @internal
   */
  get source(): Source {
    return this.current;
  }

  /** Looks at another graph: names that both have mean the same. */
  private look(graph: OnnxGraph): void {
    if (graph !== this.source.graph) this.current = sourceOf(graph, this.file);
  }

  /** What is known of a value when the file is read; null also where it cannot be read. */
  private known<T>(graph: OnnxGraph, name: string, of: (operand: Operand) => T | null): T | null {
    try {
      this.look(graph);
      const nodes = nodesFor(this.source, [name]);
      if (uncoveredOf(this.model, nodes).length > 0) return null;
      for (const node of nodes) this.read(node);
      return of(this.itemOf(name, `"${name}"`));
    } catch (error) {
      if (error instanceof FimError) return null;
      throw error;
    }
  }

  /** What was done to the graph on reading, one sentence each. */
  get notes(): readonly string[] {
    return [...this.noted];
  }

  /**
   * The value of any name of the graph.
   * Throws `onnx/operators` with everything on the way that is not covered, `onnx/form` for a form of a covered operator that is
   * not, `graph/examples-coupled`, `onnx/fixed-batch`, `onnx/not-finite`, `onnx/missing-input`, `onnx/cycle`.
   * @throws FimError with `graph/shape`, `onnx/element-type`, `onnx/quantised`, `onnx/too-large`, `tensor/size`
   */
  value(name: string): Value {
    const nodes = nodesFor(this.source, [name]);
    const missing = uncoveredOf(this.model, nodes);
    if (missing.length > 0) throw uncoveredError(`${this.file}, on the way to "${name}"`, missing);
    for (const node of nodes) this.read(node);
    const operand = this.itemOf(name, `output "${name}"`);
    if (isSequence(operand)) throw sequenceError(this.file, name, operand.elements.length);
    const value = this.weights.materialise(operand);
    refuseMixing(value);
    return value;
  }

  /**
   * The operators that are not covered, of the whole file or of what the given names need.
   * @throws FimError with `onnx/cycle`, `onnx/missing-input`
   */
  coverage(names?: readonly string[]): Uncovered[] {
    return uncoveredOf(this.model, names ? nodesFor(this.source, names) : this.source.graph.nodes);
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
    return this.weights.tensorOf(value);
  }

  /** The file's tensors among what `outputs` are computed from, in the file's order, then those of Constant nodes. */
  candidates(outputs: readonly Value[]): Candidate[] {
    return this.weights.candidates(outputs);
  }

  /** The file's initialisers that are no candidates for `outputs`, each with the reason. */
  leftovers(outputs: readonly Value[]): Leftover[] {
    const taken = new Set(this.candidates(outputs).map((c) => c.name));
    return this.source.graph.initializers
      .filter((t) => !taken.has(t.name))
      .map((t) => ({ name: t.name, shape: t.shape, type: t.dtype, reason: this.reasonAgainst(t.name) }));
  }

  private reasonAgainst(name: string): string {
    const t = this.source.initializers.get(name)!;
    if (!isFloat(t.dtype as DType)) return `elements are ${t.dtype}`;
    if (!this.items.has(name)) return 'does not reach the output';
    if (t.shape.length === 0) return 'a scalar of rank 0';
    return this.weights.has(name) ? 'does not reach the output' : 'used only as an attribute or in a shape';
  }

  // ---- reading ----

  private read(node: OnnxNode): void {
    if (this.done.has(node)) return;
    const label = labelOf(node);
    const inputs = node.inputs.map((name) => (name === '' ? null : this.itemOf(name, label)));
    const opset = node.opset ?? opsetOf(this.model, node.domain);
    const c = new OpContext(this.reader, node, inputs, opset);
    const normaliser = normaliserOf(node, opset)!;
    const results = blamingBatch(this.fixedBatch, () => withOrigin(label, () => normaliser(c)));
    const list: readonly Operand[] = Array.isArray(results)
      ? (results as readonly Operand[])
      : [results as Operand];
    for (const one of list) for (const item of isSequence(one) ? one.elements : [one]) c.requireSize(item);
    node.outputs.forEach((name, i) => {
      if (name === '' || i >= list.length) return;
      const item = list[i];
      this.items.set(name, item);
      if (!isSequence(item) && isValue(item) && item.node && !this.makers.has(item))
        this.makers.set(item, node);
    });
    this.done.add(node);
  }

  private itemOf(name: string, reader: string): Operand {
    const before = this.items.get(name);
    if (before) return before;
    const t = this.source.initializers.get(name);
    if (!t) {
      const maker = this.source.makers.get(name);
      const what = maker ? `an output of ${labelOf(maker)} that is not computed` : 'which has no value';
      throw new FimError({
        code: 'onnx/form',
        kind: 'unsupported',
        where: reader,
        rule: `reads "${name}", ${what}`,
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
    for (const other of this.source.graph.initializers) {
      if (this.names.exporterMade(other.name) || !isDense(other)) continue;
      const axis = foldedNorm(t, other);
      if (axis === null) continue;
      this.noted.add(`"${name}" holds the norms of "${other.name}" and is computed from it again`);
      const w = this.weights.materialise(this.itemOf(other.name, name) as Item);
      return b.sqrt(b.reduceSum(b.square(w), [axis], true));
    }
    return null;
  }
}

function sequenceError(file: string, name: string, length: number): FimError {
  return new FimError({
    code: 'onnx/form',
    kind: 'unsupported',
    where: `${file}, output "${name}"`,
    rule: 'an output is one tensor',
    got: `a sequence of ${length}`,
    next: 'name one of its tensors with `output`',
  });
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
