/**
 * @module data/npz
 *
 * NumPy's `.npz`: a zip archive of `.npy` files, one an array. Arrays are unpacked when they are asked for, so an
 * object array beside `x` and `y` does no harm. fim's own results carry their manifest as JSON in a uint8 array named
 * `__manifest__`: in Python, `json.loads(np.load(f)['__manifest__'].tobytes())`.
 * Source: `numpy.savez`. Cost: one pass for the checksum, one copy.
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { missingArray } from './array-file.js';
import type { ArrayFile, ArrayInfo } from './array-file.js';
import type { Spool } from './source.js';
import { parseManifest } from './manifest.js';
import type { Manifest } from './manifest.js';
import { type ByteSource, partOf } from './byte-source.js';
import { describeNpy, HEAD, npyParts, parseNpy, storedNpy } from './npy.js';
import { parseNpyText } from './npy-text.js';
import { joined } from './parts.js';
import { openZip, type ZipEntry, zipParts } from './zip.js';

/** The array that carries the manifest. */
export const MANIFEST = '__manifest__';

/**
 * Opens an archive: bytes, or a source whose large arrays are read by rows, stored ones where they lie, packed ones where `unpacked` has a
 * place for so many bytes, all of them one after another, whole and checked, without `byRows`. Throws `zip/…` here; `npy/…`, `deflate/…` and `arrays/missing` from `get`.
 * @throws FimError with `data/memory`, `deflate/damaged`, `manifest/json`, `npy/dtype`, `npy/header`, `npy/not-npy`, `npy/trailing`,
 * `npy/truncated`, `npy/version`, `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
 */
export function openNpz(
  source: Uint8Array | ByteSource,
  where: string,
  unpacked?: (size: number) => Spool | null,
  byRows = !(source instanceof Uint8Array),
): ArrayFile {
  const files = openZip(source, where).filter((entry) => !entry.name.endsWith('/'));
  const entries = new Map(files.map((entry) => [entry.name.replace(/\.npy$/, ''), entry]));
  const label = (name: string): string => `${where}: array ${name}`;
  const names = [...entries.keys()].filter((name) => name !== MANIFEST);
  const find = (name: string): ZipEntry => {
    const found = entries.get(name);
    if (found === undefined) throw missingArray(file, name);
    return found;
  };
  const entry = (name: string): Uint8Array => find(name).bytes();
  const rows = (found: ZipEntry, called: string): Tensor | null =>
    found.packed
      ? unpackedRows(found, called, unpacked)
      : byRows && !(source instanceof Uint8Array)
        ? storedRows(source, found, called)
        : null;
  const file: ArrayFile = {
    where,
    names,
    describe: (name): ArrayInfo =>
      describeNpy(source instanceof Uint8Array ? entry(name) : find(name).head(HEAD), name, label(name)),
    get: (name): Tensor => rows(find(name), label(name)) ?? parseNpy(entry(name), label(name)),
    text: (name): readonly string[] => {
      const text = parseNpyText(entry(name), label(name));
      if (text === null) parseNpy(entry(name), label(name));
      return text?.values ?? [];
    },
    manifest: (): Manifest | null => {
      if (!entries.has(MANIFEST)) return null;
      const t = parseNpy(entry(MANIFEST), label(MANIFEST));
      return parseManifest(new TextDecoder().decode(t.data), label(MANIFEST));
    },
  };
  return file;
}

/** An array that is stored as it is, by rows; null where it has none. */
function storedRows(source: ByteSource, entry: ZipEntry, where: string): Tensor | null {
  const place = entry.place();
  return place && storedNpy(partOf(source, place.start, place.size), where);
}

/** A packed array by rows, where it has a place to be unpacked into. */
function unpackedRows(
  entry: ZipEntry,
  where: string,
  unpacked?: (size: number) => Spool | null,
): Tensor | null {
  const spool = unpacked?.(entry.size);
  if (!spool) return null;
  entry.unpack((part) => {
    spool.write(part);
  });
  return storedNpy(spool.done(), where);
}

/** Bytes of a name in an archive, `.npy` among them; zip counts them in 16 bits. */
const LONGEST_NAME = 65_535;

/** Whether a path is rooted, or `..` leads it above where it begins: `fisher/../up` stays inside, `../up` does not. */
function isPathOut(name: string): boolean {
  if (/^[/\\]/.test(name) || /^[A-Za-z]:[\\/]/.test(name)) return true;
  let depth = 0;
  for (const part of name.split(/[/\\]/)) {
    if (part === '' || part === '.') continue;
    depth += part === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

/**
 * Refuses names that are none in an archive: NumPy reads one up to a NUL, and what unpacks archives may follow `..` and roots out of its folder. Throws `npz/name`.
 */
export function checkArrayName(name: string, where: string): void {
  const leaves = isPathOut(name);
  const long = new TextEncoder().encode(name).length + 4 > LONGEST_NAME;
  if (name !== MANIFEST && !leaves && !long && !name.includes('\0')) return;
  throw new FimError({
    code: 'npz/name',
    where,
    rule: `an array needs a name, not ${MANIFEST}, of at most ${LONGEST_NAME} bytes, without NUL, that is no path out of a folder`,
    got: `an array named ${JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)}`,
    next: 'write a file that ends in .safetensors, which takes any name, or rename it',
  });
}

/**
 * The bytes of an archive of these arrays, in order, stored; the same input gives the same bytes.
 * Throws `npz/name` for an array named `__manifest__` and `zip/too-large` above 4 GiB.
 */
export function formatNpz(
  arrays: ReadonlyMap<string, Tensor>,
  manifest: Manifest | null = null,
  where = 'npz',
): Uint8Array<ArrayBuffer> {
  return joined(npzParts(arrays, manifest, where));
}

/** The same in parts, one after the other, of which those that are elements of arrays are where they lie. Throws as `formatNpz`. */
export function npzParts(
  arrays: ReadonlyMap<string, Tensor>,
  manifest: Manifest | null,
  where: string,
): Uint8Array[] {
  const entries = new Map<string, readonly Uint8Array[]>();
  for (const [name, t] of arrays) {
    checkArrayName(name, where);
    entries.set(`${name}.npy`, npyParts(t));
  }
  if (manifest !== null) {
    const data = new TextEncoder().encode(JSON.stringify(manifest));
    entries.set(`${MANIFEST}.npy`, npyParts({ dtype: 'uint8', shape: [data.length], data }));
  }
  return zipParts(entries, where);
}
