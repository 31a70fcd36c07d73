/**
 * @module fisher/sums/arrays
 *
 * Sums as a file of named arrays, bit for bit: each array of the parts as [groups, …], float64; masks of doubts as `nonzero/I`, uint8;
 * all else in the manifest, as JSON. Any writer of arrays and manifests takes it (fim/data: npz, safetensors).
 */
import { FimError } from '../../core/errors.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import type { Subject } from '../subject.js';
import { type FisherSums, type SumsRecord, SUMS_VERSION } from '../forms/sums.js';

/** In the manifest: tells a file of sums from others. */
const KIND = 'fim sums';

/** What is written: arrays by name, and what is JSON. */
export interface SumsFile {
  /** By name. */
  readonly arrays: ReadonlyMap<string, Tensor>;
  /** All that is JSON. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** What is read: as `openArrays` of fim/data opens it. */
export interface SumsReader {
  /** Path, for messages. */
  readonly where: string;
  /** Names of the arrays. */
  readonly names: readonly string[];
  /** One array. */
  get(name: string): Tensor;
  /** The JSON beside them; null: none. */
  manifest(): Readonly<Record<string, unknown>> | null;
}

/**
 * Arrays and manifest of sums.
 * @throws FimError with `tensor/size`
 */
export function sumsToArrays(sums: FisherSums): SumsFile {
  const { parts, subject, ...rest } = sums;
  const arrays = new Map<string, Tensor>();
  for (const [name, { length }] of Object.entries(parts[0])) {
    const data = new Float64Array(parts.length * length);
    parts.forEach((part, g) => data.set(part[name], g * length));
    arrays.set(name, tensor('float64', [parts.length, length], data));
  }
  const doubts = subject.doubts.map(({ nonzero, ...d }, i) => {
    if (nonzero) arrays.set(`nonzero/${i}`, tensor('uint8', [nonzero.length], nonzero));
    return d;
  });
  return { arrays, manifest: { kind: KIND, ...rest, subject: { ...subject, doubts } } };
}

/** The sums that a file holds. Throws `fisher/sums-file` for a file without sums, or of another version of them. */
export function sumsFromArrays(file: SumsReader): FisherSums {
  const { subject: plain, ...rest } = sumsRecordOf(file);
  const names = file.names.filter((name) => !name.startsWith('nonzero/'));
  const groups = rest.settings.groups?.count ?? 1;
  const parts = Array.from({ length: groups }, (): Record<string, Float64Array> => ({}));
  for (const name of names) {
    const { dtype, shape, data } = file.get(name);
    if (dtype !== 'float64' || shape[0] !== groups)
      throw noSums(file, `an array ${name} of ${dtype} [${shape.join(', ')}]`);
    const size = data.length / groups;
    parts.forEach((part, g) => {
      part[name] = (data as Float64Array).subarray(g * size, (g + 1) * size);
    });
  }
  if (parts.some((part) => !('counts' in part))) throw noSums(file, 'no array counts');
  return { ...rest, subject: withMasks(plain, file), parts };
}

/** All but the arrays, the masks of doubts included. Throws `fisher/sums-file` as `sumsFromArrays` does. */
export function sumsRecordOf(file: Pick<SumsReader, 'where' | 'manifest'>): SumsRecord {
  const manifest = file.manifest();
  if (manifest?.kind !== KIND) throw noSums(file, 'no sums');
  if (manifest.version !== SUMS_VERSION) throw noSums(file, `version ${String(manifest.version)}`);
  const { kind: _, ...rest } = manifest as unknown as SumsRecord & { kind: string };
  return rest;
}

function withMasks(subject: Subject, file: SumsReader): Subject {
  const has = new Set(file.names);
  const doubts = subject.doubts.map((d, i) => {
    const name = `nonzero/${i}`;
    return { ...d, nonzero: has.has(name) ? (file.get(name).data as Uint8Array) : null };
  });
  return { ...subject, doubts };
}

function noSums(file: Pick<SumsReader, 'where'>, got: string): FimError {
  return new FimError({
    code: 'fisher/sums-file',
    where: file.where,
    rule: `holds sums of version ${SUMS_VERSION}, as sumsToArrays makes them`,
    got,
    cause: 'a file of another kind, or of another version of fim',
    next: 'make the sums again',
  });
}
