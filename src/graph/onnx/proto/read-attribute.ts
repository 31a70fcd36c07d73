/**
 * @module graph/onnx/proto/read-attribute
 *
 * AttributeProto to a tagged value. The file's `type` decides; a file that leaves it out (it must not) is understood if exactly one
 * field is set. A field that is absent has its protobuf default, because proto3 writers leave zeros out.
 * Source: onnx/onnx, onnx.proto, message AttributeProto.
 */
import { FimError } from '../../../core/errors.js';
import { readTensor, type Source } from './read-tensor.js';
import { ATTRIBUTE, ATTRIBUTE_FIELD, ATTRIBUTE_TYPE } from './schema.js';
import type { OnnxAttribute, OnnxAttributeType, OnnxGraph, OnnxTensor } from './types.js';
import { appendFloats, appendInts, readFloat, readInt, readMessage, readText } from './wire.js';

const TYPES = Object.keys(ATTRIBUTE_TYPE) as OnnxAttributeType[];
const typeOfCode = new Map(TYPES.map((t) => [ATTRIBUTE_TYPE[t], t]));

/** Types that are refused, by code. */
const REFUSED = new Map([
  [11, 'sparse tensor'],
  [12, 'list of sparse tensors'],
  [13, 'type'],
  [14, 'list of types'],
]);

const REFUSED_FIELDS = new Map<number, number>([
  [ATTRIBUTE.sparseTensor, 11],
  [ATTRIBUTE.sparseTensors, 12],
  [ATTRIBUTE.typeProto, 13],
  [ATTRIBUTE.typeProtos, 14],
]);

/** An attribute inside a function that takes the value of one of the function's. */
export interface OnnxReference {
  readonly type: 'reference';
  /** Name of the function's attribute. */
  readonly value: string;
}

/** An AttributeProto as it stands in the file. */
interface Parts {
  name: string;
  code: number;
  reference: string;
  /** Fields that hold a value. */
  readonly fields: Set<number>;
  f: number;
  i: number;
  s: string;
  t: OnnxTensor | null;
  g: OnnxGraph | null;
  readonly floats: number[];
  readonly ints: number[];
  readonly strings: string[];
  readonly tensors: OnnxTensor[];
  readonly graphs: OnnxGraph[];
}

function readParts(s: Source, readGraph: (s: Source) => OnnxGraph): Parts {
  const p: Parts = {
    name: '',
    code: 0,
    reference: '',
    fields: new Set(),
    f: 0,
    i: 0,
    s: '',
    t: null,
    g: null,
    floats: [],
    ints: [],
    strings: [],
    tensors: [],
    graphs: [],
  };
  const readers: Readonly<Record<number, () => void>> = {
    [ATTRIBUTE.f]: () => (p.f = readFloat(s)),
    [ATTRIBUTE.i]: () => (p.i = readInt(s)),
    [ATTRIBUTE.s]: () => (p.s = readText(s)),
    [ATTRIBUTE.t]: () => (p.t = readTensor(s)),
    [ATTRIBUTE.g]: () => (p.g = readGraph(s)),
    [ATTRIBUTE.floats]: () => appendFloats(s, p.floats),
    [ATTRIBUTE.ints]: () => appendInts(s, p.ints),
    [ATTRIBUTE.strings]: () => p.strings.push(readText(s)),
    [ATTRIBUTE.tensors]: () => p.tensors.push(readTensor(s)),
    [ATTRIBUTE.graphs]: () => p.graphs.push(readGraph(s)),
  };
  readMessage(s, 'AttributeProto', (tag) => {
    if (tag === ATTRIBUTE.name) p.name = readText(s);
    else if (tag === ATTRIBUTE.type) p.code = readInt(s);
    else if (tag === ATTRIBUTE.refAttrName) p.reference = readText(s);
    else if (Object.hasOwn(readers, tag)) {
      p.fields.add(tag);
      readers[tag]();
    } else if (REFUSED_FIELDS.has(tag)) p.fields.add(tag);
  });
  return p;
}

/** The type's code, from the only field that is set where the file does not say it. */
function codeOf(p: Parts): number {
  if (p.code !== 0 || p.fields.size !== 1) return p.code;
  const [field] = p.fields;
  const type = TYPES.find((t) => ATTRIBUTE_FIELD[t] === field);
  return type ? ATTRIBUTE_TYPE[type] : (REFUSED_FIELDS.get(field) ?? 0);
}

/**
 * Reads the current value as an AttributeProto: its name and its value.
 * `owner` names the node in messages. Throws `onnx/attribute`, `onnx/sparse` and what tensors and graphs throw.
 */
export function readAttribute(
  s: Source,
  owner: () => string,
  readGraph: (s: Source) => OnnxGraph,
): [string, OnnxAttribute | OnnxReference] {
  const p = readParts(s, readGraph);
  const where = `${s.file}, ${owner()}, attribute ${JSON.stringify(p.name)}`;
  const wrong = (rule: string, got: string, code = 'onnx/attribute'): FimError =>
    new FimError({ code, kind: code === 'onnx/sparse' ? 'unsupported' : 'bad-input', where, rule, got });
  if (p.name === '') throw wrong('an attribute has a name', 'none');
  if (p.reference !== '' && s.inFunction) return [p.name, { type: 'reference', value: p.reference }];
  if (p.reference !== '') {
    throw wrong(
      'an attribute outside a function has a value',
      `a reference to ${JSON.stringify(p.reference)}`,
    );
  }
  const code = codeOf(p);
  const refused = REFUSED.get(code);
  if (refused) {
    const rule = 'attributes are numbers, strings, tensors and graphs';
    throw wrong(rule, `a ${refused}`, code <= 12 ? 'onnx/sparse' : 'onnx/attribute');
  }
  const type = typeOfCode.get(code);
  if (!type) throw wrong('an attribute says its type', code === 0 ? 'none' : `type number ${code}`);
  for (const field of p.fields) {
    if (field !== ATTRIBUTE_FIELD[type])
      throw wrong(`the attribute holds its value as ${type}`, 'another field');
  }
  return [p.name, valueOf(p, type, wrong)];
}

function valueOf(
  p: Parts,
  type: OnnxAttributeType,
  wrong: (rule: string, got: string) => FimError,
): OnnxAttribute {
  switch (type) {
    case 'float':
      return { type, value: p.f };
    case 'int':
      return { type, value: p.i };
    case 'string':
      return { type, value: p.s };
    case 'tensor':
      if (!p.t) throw wrong('a tensor attribute holds a tensor', 'none');
      return { type, value: p.t };
    case 'graph':
      if (!p.g) throw wrong('a graph attribute holds a graph', 'none');
      return { type, value: p.g };
    case 'floats':
      return { type, value: p.floats };
    case 'ints':
      return { type, value: p.ints };
    case 'strings':
      return { type, value: p.strings };
    case 'tensors':
      return { type, value: p.tensors };
    case 'graphs':
      return { type, value: p.graphs };
  }
}
