/**
 * @module graph/onnx/proto/sniff
 *
 * Recognises a file that is no ONNX model. ONNX has no magic number, so a wrong file would otherwise end in a remark about some
 * wire type; the usual mistakes (a PyTorch checkpoint, a web page saved instead of the file) are named here with the way out.
 */
import { FimError } from '../../../core/errors.js';
import { MODEL } from './schema.js';

/** The call that makes a file fim reads. */
export const EXPORT_CALL =
  "torch.onnx.export(model, x, 'model.onnx', opset_version=17, input_names=['x'], output_names=['h'], " +
  "dynamic_axes={'x': {0: 'n'}, 'h': {0: 'n'}})";

interface Kind {
  readonly what: string;
  readonly next: string;
}

const FROM_TORCH = `load it in PyTorch and export it: ${EXPORT_CALL}`;
const AGAIN = 'download the file again, the file itself and not the page about it';

const latin = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/** UTF-8 without control characters but tabs and line ends, which no ONNX model starts with so much of. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.some((b) => (b < 32 && b !== 9 && b !== 10 && b !== 13) || b === 127)) return false;
  try {
    // As a stream, since the bytes may end within a character.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function zip(bytes: Uint8Array): Kind {
  const names = latin(bytes, 0, 8192);
  if (names.includes('.npy'))
    return { what: 'a NumPy .npz archive', next: 'pass it as the data, not as the model' };
  if (/data\.pkl|\/version|archive\//.test(names)) {
    return { what: 'a PyTorch checkpoint (.pt, a zip file)', next: FROM_TORCH };
  }
  if (names.includes('.keras') || names.includes('metadata.json')) {
    return { what: 'a Keras archive', next: "convert it: model.export('model.onnx', format='onnx')" };
  }
  return { what: 'a zip archive', next: 'unpack it; a PyTorch .pt file has to be exported: ' + EXPORT_CALL };
}

function text(bytes: Uint8Array): Kind {
  const start = latin(bytes, 0, 64).replace(/^ï»¿/, '').trimStart().toLowerCase();
  if (start.startsWith('version https://git-lfs')) {
    return { what: 'a Git LFS pointer, not the file it points to', next: 'git lfs pull' };
  }
  if (start.startsWith('<!doctype') || start.startsWith('<html'))
    return { what: 'a web page (HTML)', next: AGAIN };
  if (start.startsWith('<')) return { what: 'XML', next: AGAIN };
  if (start.startsWith('{') || start.startsWith('[')) return { what: 'JSON', next: 'give the .onnx file' };
  return { what: 'text', next: 'give the .onnx file' };
}

/** First bytes of the fields of ModelProto, one of which every model starts with. */
const STARTS: ReadonlySet<number> = new Set([
  MODEL.irVersion << 3,
  MODEL.modelVersion << 3,
  ...[MODEL.producerName, MODEL.producerVersion, MODEL.domain, MODEL.docString, MODEL.graph].map(asBytes),
  ...[MODEL.opsetImport, MODEL.metadataProps].map(asBytes),
  ...[MODEL.trainingInfo, MODEL.functions, MODEL.configuration].map((tag) => (asBytes(tag) & 0x7f) | 0x80),
]);

function asBytes(tag: number): number {
  return (tag << 3) | 2;
}

function foreign(bytes: Uint8Array): Kind | null {
  const four = latin(bytes, 0, 4);
  if (four === 'PK\x03\x04' || four === 'PK\x05\x06') return zip(bytes);
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5) {
    return { what: 'a Python pickle (an old PyTorch checkpoint, perhaps)', next: FROM_TORCH };
  }
  if (four === '\x89HDF') {
    return {
      what: 'HDF5 (a Keras .h5 file, perhaps)',
      next: "convert it: model.export('model.onnx', format='onnx')",
    };
  }
  if (four === '\x93NUM')
    return { what: 'a NumPy .npy array', next: 'pass it as the data, not as the model' };
  if (four === 'GGUF') return { what: 'a GGUF file: weights without a graph', next: FROM_TORCH };
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { what: 'gzip data', next: 'gunzip it' };
  if (four === '(\xb5/\xfd') return { what: 'Zstandard data', next: 'unpack it with zstd -d' };
  const next = latin(bytes, 4, 8);
  if (next === 'TFL3')
    return {
      what: 'a TensorFlow Lite model',
      next: 'python -m tf2onnx.convert --tflite FILE --output model.onnx',
    };
  if (next === 'ORTM')
    return { what: 'an ORT-format model', next: 'give the .onnx file that it was made from' };
  if (next === '\0\0\0\0' && bytes[8] === 0x7b) {
    return { what: 'a safetensors file: weights without a graph', next: FROM_TORCH };
  }
  if (isText(bytes.subarray(0, 64))) return text(bytes);
  if (!STARTS.has(bytes[0]))
    return { what: 'no format that is known here', next: `make a model: ${EXPORT_CALL}` };
  return null;
}

/** Throws `onnx/empty` or `onnx/not-onnx` where the first bytes show that this is no ONNX model. */
export function refuseForeign(bytes: Uint8Array, file: string): void {
  if (bytes.length === 0) {
    throw new FimError({
      code: 'onnx/empty',
      where: file,
      rule: 'an ONNX model has at least a graph',
      got: 'an empty file',
      cause: 'a download or an export that was interrupted',
      next: `make it again: ${EXPORT_CALL}`,
    });
  }
  const kind = foreign(bytes);
  if (kind) throw notOnnx(file, kind.what, kind.next);
}

/** The complaint about a file that is something else. */
export function notOnnx(file: string, what: string, next: string): FimError {
  return new FimError({
    code: 'onnx/not-onnx',
    where: file,
    rule: 'the file has to be an ONNX model',
    got: what,
    cause: 'another file was given, or the model was saved instead of exported',
    next,
  });
}
