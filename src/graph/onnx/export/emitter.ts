/**
 * @module graph/onnx/export/emitter
 *
 * Collects the nodes and initialisers of an ONNX graph: a unique name for every value, one initialiser per distinct small constant.
 * Names that a caller gave (inputs, outputs, parameters) are reserved first and never changed.
 */
import { type DType, type Tensor, tensor } from '../../../core/tensor.js';
import type { Value } from '../../value.js';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../proto/types.js';

/** Constants up to this many elements are shared when equal. */
const SHARED_LIMIT = 64;

/** Attributes of a node that is written. */
export type EmittedAttributes = Readonly<Record<string, number | string | readonly number[]>>;

/** Collects the nodes and initialisers of a file that is written, under names that are free. */
export class Emitter {
  /** Nodes, in order. */
  readonly nodes: OnnxNode[] = [];
  /** Constants, equal ones shared. */
  readonly initializers: OnnxTensor[] = [];
  private readonly names = new Map<Value, string>();
  private readonly taken = new Set<string>();
  private readonly shared = new Map<string, string>();

  constructor(
    /** The opset of the file. */
    readonly opset: number,
    /** Whether operators without a double kernel are written out in others. */
    readonly lowerDouble: boolean,
    /** Whether windows are written as convolutions. */
    readonly convolutions = false,
  ) {}

  /** Gives a value exactly this name. Returns false where the value already has one. */
  reserve(value: Value, name: string): boolean {
    this.taken.add(name);
    if (this.names.has(value)) return false;
    this.names.set(value, name);
    return true;
  }

  /** Keeps a name from being given to anything else. */
  reserveName(name: string): void {
    this.taken.add(name);
  }

  /** The file's name for a value, made on first use; constants become initialisers. */
  name(value: Value): string {
    const before = this.names.get(value);
    if (before !== undefined) return before;
    const name = value.constant ? this.constant(value.constant, value.name) : this.unique(wishOf(value));
    this.names.set(value, name);
    return name;
  }

  /** A name that nothing else has. */
  unique(wish: string): string {
    const base = wish === '' ? 'value' : wish;
    let name = base;
    for (let i = 1; this.taken.has(name); i++) name = `${base}_${i}`;
    this.taken.add(name);
    return name;
  }

  /** An initialiser with this content. */
  constant(t: Tensor, wish = ''): string {
    const key = t.data.length <= SHARED_LIMIT ? keyOf(t) : '';
    const before = key === '' ? undefined : this.shared.get(key);
    if (before !== undefined) return before;
    const name = this.unique(wish === '' ? 'constant' : wish);
    this.initializers.push({ ...t, name });
    if (key !== '') this.shared.set(key, name);
    return name;
  }

  /** An int64 vector, as shapes and axes are given. */
  integers(values: readonly number[]): string {
    return this.constant(tensor('int64', [values.length], values), 'shape');
  }

  /** A rank-0 number. */
  scalar(value: number, dtype: DType): string {
    return this.constant(tensor(dtype, [], [value]));
  }

  /** Appends a node with one output; without `output` a new name is made. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: EmittedAttributes = {},
    output?: string,
  ): string {
    const out = output ?? this.unique(opType.toLowerCase());
    this.nodeWith([out], opType, inputs, attributes);
    return out;
  }

  /** Appends a node with several outputs, the last of which names it. */
  nodeWith(
    outputs: readonly string[],
    opType: string,
    inputs: readonly string[],
    attributes: EmittedAttributes = {},
  ): void {
    this.nodes.push({
      name: `${opType}/${outputs[outputs.length - 1]}`,
      opType,
      domain: '',
      inputs,
      outputs,
      attributes: Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, attribute(v)])),
    });
  }
}

function attribute(v: number | string | readonly number[]): OnnxAttribute {
  if (typeof v === 'string') return { type: 'string', value: v };
  return typeof v === 'number' ? { type: 'int', value: v } : { type: 'ints', value: v };
}

function keyOf(t: Tensor): string {
  const elements = Array.from(t.data as ArrayLike<number | bigint>, (x) =>
    Object.is(x, -0) ? '-0' : String(x),
  );
  return `${t.dtype}[${t.shape.join(',')}]${elements.join(',')}`;
}

/** A value that nobody named is known by its operator in a file: how many values the process made before says nothing of the network. */
const wishOf = ({ name, id, node }: Value): string =>
  node !== null && name === `${node.op}_${id}` ? node.op : name;
