/**
 * @module store/sealed-arrays
 *
 * The seal of a file of named arrays: beside schema and version, its manifest holds the SHA-256 of each array with its type and shape, and
 * one over these and the rest of the manifest. An edit of either is told, whatever checksums the archive has. Arrays are read and checked
 * one at a time.
 */
import type { Tensor } from '../core/tensor.js';
import type { ArrayFile } from '../data/array-file.js';
import type { Manifest } from '../data/manifest.js';
import { sha256 } from '../disk/files.js';
import { type Seal, sealOf } from './seal.js';

/** The seal of arrays and their manifest. */
export interface ArraysSeal extends Seal {
  /** SHA-256 of each array, with its name. */
  readonly arrays: readonly (readonly [name: string, sha256: string])[];
}

/** Of an array with its type and shape. */
function digestOf({ dtype, shape, data }: Tensor): string {
  const head = new TextEncoder().encode(`${JSON.stringify([dtype, shape])}\n`);
  return sha256(head, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** The seal, as text so that no field of the manifest is left out of it. */
function sealWith(schema: string, arrays: ArraysSeal['arrays'], manifest: Manifest): ArraysSeal {
  return { ...sealOf(schema, [JSON.stringify(arrays), JSON.stringify(manifest)]), arrays };
}

/** The manifest with the seal of arrays and of all that it says. */
export function sealedManifest(
  schema: string,
  arrays: ReadonlyMap<string, Tensor>,
  manifest: Manifest,
): Manifest {
  const digests = [...arrays].map(([name, t]) => [name, digestOf(t)] as const);
  return { ...manifest, seal: sealWith(schema, digests, manifest) };
}

/** A file of arrays whose manifest, without the seal, is what was written. */
export interface Unsealed {
  readonly manifest: Manifest;
  /** Names of the arrays that were written. */
  readonly names: readonly string[];
  /** One of them; a string says why it is not what was written. */
  get(name: string): Tensor | string;
}

/** Opens it; a string says why it is not what was written. */
export function unsealedArrays(schema: string, file: ArrayFile): Unsealed | string {
  const { seal, ...manifest } = file.manifest() ?? {};
  if (seal === undefined) return 'a file without a seal';
  const { schema: own, fim, sha256: digest, arrays } = (seal ?? {}) as Partial<ArraysSeal>;
  if (!Array.isArray(arrays)) return 'a seal without the checksums of the arrays';
  const want = sealWith(schema, arrays as ArraysSeal['arrays'], manifest);
  if (own !== want.schema) return `a file of schema ${JSON.stringify(own)}`;
  if (fim !== want.fim) return `a file of fim ${JSON.stringify(fim)}, where this is ${want.fim}`;
  if (digest !== want.sha256) return 'a manifest of another checksum than it says';
  const digests = new Map(want.arrays);
  const strange = [
    ...file.names.filter((name) => !digests.has(name)),
    ...want.arrays.filter(([name]) => !file.names.includes(name)).map(([name]) => name),
  ];
  if (strange.length > 0) return `an array ${JSON.stringify(strange[0])} more or less than was written`;
  const get = (name: string): Tensor | string => {
    const t = file.get(name);
    return digestOf(t) === digests.get(name)
      ? t
      : `numbers of the array ${JSON.stringify(name)} of another checksum than the manifest says`;
  };
  return { manifest, names: file.names, get };
}
