/**
 * Reads what fim writes, with readers of its own: arrays of .npz, .safetensors and .onnx files and columns of .csv, each as
 * `{ dtype, shape, data, bytes }`. `data` is in numbers for differences, `bytes` for equality.
 */
import { createHash } from 'node:crypto';
import { unzipSync } from 'fflate';

const TYPES = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

function array(dtype, shape, bytes) {
  const Type = TYPES[dtype];
  if (!Type) throw new Error(`no reader for arrays of ${dtype}`);
  const aligned = new Uint8Array(bytes);
  const typed = new Type(aligned.buffer, 0, aligned.byteLength / Type.BYTES_PER_ELEMENT);
  return { dtype, shape, data: Array.from(typed, Number), bytes: Buffer.from(aligned.buffer) };
}

/** Numbers as an array of its own kind. */
export function numbers(dtype, data) {
  return { dtype, shape: [data.length], data, bytes: Buffer.from(Float64Array.from(data).buffer) };
}

const NPY = {
  f8: 'float64',
  f4: 'float32',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  b1: 'bool',
  u1: 'uint8',
};

function npy(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] > 1;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
  const descr = /'descr':\s*'([^']+)'/.exec(header)[1];
  if (/'fortran_order':\s*True/.test(header)) throw new Error('an array in Fortran order');
  const shape = [.../'shape':\s*\(([^)]*)\)/.exec(header)[1].matchAll(/\d+/g)].map(Number);
  const body = bytes.subarray(start + length);
  if (descr.includes('U')) return { text: Buffer.from(body).toString('utf16le').replaceAll('\0', '') };
  if (descr.includes('S')) return { text: Buffer.from(body).toString('utf8') };
  return array(NPY[descr.slice(1)], shape, body);
}

/** `[name, array or { text }]` of an .npz file. */
export function readNpz(bytes) {
  return Object.entries(unzipSync(bytes)).map(([name, entry]) => [name.replace(/\.npy$/, ''), npy(entry)]);
}

const SAFE = {
  F64: 'float64',
  F32: 'float32',
  I64: 'int64',
  U64: 'uint64',
  I32: 'int32',
  U32: 'uint32',
  U8: 'uint8',
  BOOL: 'bool',
  I8: 'int8',
  U16: 'uint16',
  I16: 'int16',
};

/** `[name, array]` of a .safetensors file, and its metadata. */
export function readSafetensors(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8'));
  const { __metadata__: metadata = {}, ...entries } = header;
  const body = bytes.subarray(8 + length);
  const arrays = Object.entries(entries).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => [name, array(SAFE[dtype], shape, body.subarray(from, to))],
  );
  return { arrays, metadata };
}

/** Columns of a .csv file with a header: numbers where every cell is one or empty, else `{ text }`. */
export function readCsv(text) {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  return head.split(',').map((name, i) => {
    const cells = lines.map((line) => line.split(',')[i] ?? '');
    const numeric = cells.every((cell) => cell === '' || !Number.isNaN(Number(cell)));
    if (!numeric) return [name, { text: cells.join('\n') }];
    return [
      name,
      numbers(
        'column',
        cells.map((cell) => (cell === '' ? NaN : Number(cell))),
      ),
    ];
  });
}

/** One base-128 number at `at`: `[value, where the next begins]`. */
function varintAt(bytes, at) {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
  }
}

/** Fields of a protobuf message: `[number, value]`, value a number or bytes. */
function* fields(bytes) {
  let at = 0;
  const varint = () => {
    const [value, next] = varintAt(bytes, at);
    at = next;
    return value;
  };
  while (at < bytes.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) yield [key >>> 3, varint()];
    else {
      const size = wire === 1 ? 8 : wire === 5 ? 4 : varint();
      yield [key >>> 3, bytes.subarray(at, at + size)];
      at += size;
    }
  }
}

const ONNX = { 1: 'float32', 6: 'int32', 7: 'int64', 9: 'bool', 11: 'float64' };
const text = (bytes) => Buffer.from(bytes).toString('utf8');

function initializer(bytes) {
  const shape = [];
  let name = '';
  let type = 1;
  let raw = null;
  for (const [field, value] of fields(bytes)) {
    if (field === 1 && typeof value === 'number') shape.push(value);
    else if (field === 1) {
      for (let at = 0, dim; at < value.length;) {
        [dim, at] = varintAt(value, at);
        shape.push(dim);
      }
    }
    if (field === 2) type = value;
    if (field === 8) name = text(value);
    if (field === 9) raw = value;
  }
  return raw && ONNX[type] ? [name, array(ONNX[type], shape, raw)] : [name, { text: digest(bytes) }];
}

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Initialisers of an .onnx file, and `graph`: a digest of everything else but the producer's name and version. */
export function readOnnx(bytes) {
  const rest = createHash('sha256');
  const found = [];
  for (const [field, value] of fields(bytes)) {
    if (field === 2 || field === 3) continue;
    if (field !== 7) {
      rest.update(`${field} ${typeof value === 'number' ? value : digest(value)};`);
      continue;
    }
    for (const [inner, part] of fields(value)) {
      if (inner === 5) found.push(initializer(part));
      else rest.update(`graph ${inner} ${typeof part === 'number' ? part : digest(part)};`);
    }
  }
  return [...found, ['graph', { text: rest.digest('hex') }]];
}
