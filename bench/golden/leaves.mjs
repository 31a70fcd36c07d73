/**
 * The outputs of one command as leaves: a map from path to a number, string, boolean, null or array. JSON is walked to its
 * values (a list of objects by `name` or `estimator` where those are distinct), files are read by kind.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { numbers, readCsv, readNpz, readOnnx, readSafetensors } from './arrays.mjs';
import { SENTENCES } from './masks.mjs';

/** From this length on a list of numbers is one array. */
const LONG = 6;

function keyOf(list) {
  const label = ['name', 'estimator'].find((field) => {
    const names = list.map((one) => one?.[field]);
    return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
  });
  return (one, i) => (label ? one[label] : String(i));
}

function walk(value, path, leaves) {
  if (Array.isArray(value)) {
    if (SENTENCES.test(path)) {
      for (const sentence of value) leaves.set(`${path}[${JSON.stringify(sentence)}]`, true);
    } else if (value.length >= LONG && value.every((x) => typeof x === 'number')) {
      leaves.set(path, numbers('json', value));
    } else {
      leaves.set(`${path}.length`, value.length);
      const key = keyOf(value);
      value.forEach((one, i) => walk(one, `${path}[${key(one, i)}]`, leaves));
    }
  } else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      walk(inner, path.endsWith(':') ? `${path}${key}` : `${path}.${key}`, leaves);
    }
  } else leaves.set(path, value);
}

/** A text that may be JSON. */
function walkText(text, path, leaves) {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) walk(JSON.parse(trimmed), path, leaves);
  else leaves.set(path, text);
}

/** A manifest inside an archive is a text in bytes. */
const isText = ({ dtype, data }) => dtype === 'uint8' && data[0] === 123 && data.at(-1) === 125;

function take(entries, file, leaves) {
  for (const [name, entry] of entries) {
    if (entry.text === undefined && isText(entry))
      walkText(entry.bytes.toString('utf8'), `${file}:${name}`, leaves);
    else if (entry.text === undefined) leaves.set(`${file}:${name}`, entry);
    else walkText(entry.text, `${file}:${name}`, leaves);
  }
}

function readFile(file, bytes, leaves) {
  if (file.endsWith('.json')) walk(JSON.parse(bytes.toString('utf8')), `${file}:`, leaves);
  else if (file.endsWith('.csv')) take(readCsv(bytes.toString('utf8')), file, leaves);
  else if (file.endsWith('.npz')) take(readNpz(bytes), file, leaves);
  else if (file.endsWith('.onnx')) take(readOnnx(bytes), file, leaves);
  else if (file.endsWith('.safetensors')) {
    const { arrays, metadata } = readSafetensors(bytes);
    take(arrays, file, leaves);
    for (const [key, text] of Object.entries(metadata)) walkText(text, `${file}:${key}`, leaves);
  } else leaves.set(`${file}:content`, bytes.toString('base64'));
}

/** Every leaf of a command's exit code, standard output and folder. */
export function leavesOf({ code, stdout }, folder) {
  const leaves = new Map([['exit', code]]);
  if (stdout.trim() !== '') walk(JSON.parse(stdout), 'stdout:', leaves);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(folder, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    );
  for (const file of files.sort()) readFile(file, readFileSync(join(folder, file)), leaves);
  return leaves;
}
