/**
 * @module data/names
 *
 * `--names FILE`: the names of a network's parameters as its framework has them. A text file has one a line, `#` begins a comment; a
 * safetensors or npz file has arrays under them, in the order of the file. Keys that can only be buffers of a state dict (running
 * statistics, counters, integers) are set aside.
 */
import { FimError } from '../core/errors.js';
import { isFloat } from '../core/tensor.js';
import { NAMES_LINE } from '../model/doubts.js';
import type { AsideKey, NamedEntry, NamesFile } from '../model/names/index.js';
import type { ArrayFile } from './array-file.js';
import { openArrays } from './arrays.js';

/** Last parts of names that frameworks give to running statistics. */
const STATISTIC = /(^|[./])(running_mean|running_var|num_batches_tracked|moving_mean|moving_variance)(:0)?$/;

const ARRAYS = /\.(npz|safetensors)$/i;

/**
 * Reads a file of names; the ending of `path` says what its bytes are. Throws the codecs' errors, `names/empty`, `names/twice` and `names/text`.
 * @throws FimError with `arrays/extension`, `arrays/missing`, `data/memory`, `deflate/damaged`, `manifest/json`, `npy/dtype`, `npy/header`,
 * `npy/not-npy`, `npy/trailing`, `npy/truncated`, `npy/version`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`,
 * `safetensors/offsets`, `safetensors/truncated`, `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
 */
export function parseNames(bytes: Uint8Array, path: string): NamesFile {
  const file = ARRAYS.test(path) ? fromArrays(openArrays(bytes, path)) : fromText(bytes, path);
  if (file.entries.length > 0) return file;
  throw new FimError({
    code: 'names/empty',
    where: path,
    rule: 'holds the names of the parameters, one a line',
    got: file.aside.length > 0 ? `only ${file.aside.map((a) => a.name).join(', ')}` : 'no name',
    next: NAMES_LINE,
  });
}

function fromArrays(file: ArrayFile): NamesFile {
  const entries: NamedEntry[] = [];
  const aside: AsideKey[] = [];
  for (const name of file.names) {
    const info = file.describe(name);
    if (STATISTIC.test(name)) aside.push({ name, reason: 'a running statistic' });
    else if (!/^b?float/i.test(info.dtype)) aside.push({ name, reason: 'no floating-point numbers' });
    else {
      const values = file.get(name);
      entries.push({ name, shape: values.shape, values: isFloat(values.dtype) ? values : null });
    }
  }
  return { where: file.where, entries, aside };
}

function fromText(bytes: Uint8Array, where: string): NamesFile {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notText(where, 'bytes that are no UTF-8 text');
  }
  if (text.includes('\0')) throw notText(where, 'a NUL byte');
  const entries: NamedEntry[] = [];
  const aside: AsideKey[] = [];
  const seen = new Map<string, number>();
  text.split(/\r\n|\n|\r/).forEach((line, i) => {
    const name = line.replace(/(^|\s)#.*$/, '').trim();
    if (name === '') return;
    const before = seen.get(name);
    if (before !== undefined) throw twice(where, name, before, i + 1);
    seen.set(name, i + 1);
    if (STATISTIC.test(name)) aside.push({ name, reason: 'a running statistic' });
    else entries.push({ name, shape: null, values: null });
  });
  return { where, entries, aside };
}

function notText(where: string, got: string): FimError {
  return new FimError({
    code: 'names/text',
    where,
    rule: 'a file of names is text, or ends in .npz or .safetensors',
    got,
    cause: 'a checkpoint of torch.save, or an array file under another ending',
    next: NAMES_LINE,
  });
}

function twice(where: string, name: string, first: number, second: number): FimError {
  return new FimError({
    code: 'names/twice',
    where,
    rule: 'every name is given once',
    got: `"${name}" in lines ${first} and ${second}`,
    next: "print('\\n'.join(k for k, _ in model.named_parameters()), file=open('names.txt', 'w'))",
  });
}
