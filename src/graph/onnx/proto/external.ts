/**
 * @module graph/onnx/proto/external
 *
 * Tensor data beside the model file. The model names a path; it is a path below the model's own folder or it is refused, so
 * that a model from a stranger reads nothing else. Whoever opens the file sees to links (disk/beside).
 * The optional SHA-1 `checksum` is not verified. Source: onnx/onnx, docs/ExternalData.md.
 */
import { FimError } from '../../../core/errors.js';

/** Gives the bytes of a file named relative to the model's folder. */
export type ExternalFiles = (location: string) => Uint8Array;

/** Throws `onnx/external-path` unless `location` stays inside the folder that it is relative to. */
export function checkLocation(location: string, where: string): void {
  const parts = location.split(/[/\\]/);
  const leaves =
    location === '' ||
    location.includes('\0') ||
    parts[0] === '' ||
    parts.includes('..') ||
    /^[A-Za-z][A-Za-z0-9+.-]*:/.test(location);
  if (!leaves) return;
  throw new FimError({
    code: 'onnx/external-path',
    where,
    rule: "the path of external data stays inside the model's folder",
    got: JSON.stringify(location),
    cause: 'a model saved with absolute paths, or one that should not be trusted',
    next: "save it again: onnx.save_model(model, 'model.onnx', save_as_external_data=True, location='model.onnx.data')",
  });
}

function integer(entry: string | undefined, name: string, where: string): number | null {
  if (entry === undefined) return null;
  const value = /^\d{1,16}$/.test(entry) ? Number(entry) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new FimError({
    code: 'onnx/external-range',
    where,
    rule: `the ${name} of external data is a whole number`,
    got: JSON.stringify(entry),
  });
}

/**
 * The `size` bytes that external_data entries point to, as a view of the file.
 * Throws `onnx/external-path`, `onnx/external-missing`, `onnx/external-range`.
 */
export function externalBytes(
  entries: ReadonlyMap<string, string>,
  size: number,
  where: string,
  files: ExternalFiles | undefined,
): Uint8Array {
  const location = entries.get('location') ?? '';
  checkLocation(location, where);
  const offset = integer(entries.get('offset'), 'offset', where) ?? 0;
  const length = integer(entries.get('length'), 'length', where) ?? size;
  if (length !== size) {
    throw new FimError({
      code: 'onnx/external-range',
      where,
      rule: `the tensor takes ${size} bytes`,
      got: `a length of ${length} bytes in ${location}`,
    });
  }
  const bytes = open(location, where, files);
  if (offset + length > bytes.length) {
    throw new FimError({
      code: 'onnx/external-range',
      where,
      rule: `bytes ${offset} … ${offset + length} of ${location} hold the tensor`,
      got: `a file of ${bytes.length} bytes`,
      cause: 'the data file is cut short or belongs to another model',
      next: 'copy model and data file together again, or export both again',
    });
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length);
}

function open(location: string, where: string, files: ExternalFiles | undefined): Uint8Array {
  const missing = (options?: ErrorOptions, got?: string): FimError =>
    new FimError(
      {
        code: 'onnx/external-missing',
        where,
        rule: `the data is in the file ${JSON.stringify(location)} beside the model`,
        got: got ?? (files ? 'a file that cannot be read' : 'the bytes of the model alone'),
        cause: 'the model was saved with external data and came without it',
        next: files
          ? `put ${location} into the model's folder`
          : 'decodeModel(bytes, { external: (location) => /* the bytes of that file */ })',
      },
      options,
    );
  if (!files) throw missing();
  try {
    return files(location);
  } catch (cause) {
    if (!(cause instanceof FimError)) throw missing({ cause });
    // Alone it would not say that the model asks for the file, nor which tensor.
    if (cause.code === 'file/missing') throw missing({ cause }, `no file ${cause.complaint.where}`);
    throw cause;
  }
}
