/**
 * `fim` as a user runs it, in this process: words in; exit code, both streams and the parsed JSON out. A call with `--json` checks
 * by itself that standard output holds one JSON object and nothing else.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { type Io, memoryIo } from '../../src/cli/io.js';
import type { ExitCode } from '../../src/core/errors.js';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { formatNpz } from '../../src/data/npz.js';
import { bytesOf, type ModelParts } from '../onnx/builder.js';

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface FimOptions {
  readonly signal?: AbortSignal;
  readonly columns?: number;
  readonly isTTY?: boolean;
  readonly colour?: boolean;
  /** The clock runs three seconds each time that it is read, so that a short job shows its progress too. */
  readonly slow?: boolean;
  /** Hears everything that is written to standard error, when it is written. */
  readonly onWord?: (text: string) => void;
}

const never = new AbortController().signal;

/** Runs `fim ...words`. */
export async function fim(words: readonly string[], options: FimOptions = {}): Promise<Ran> {
  const { signal = never, onWord, slow = false, ...look } = options;
  const memory = memoryIo(look);
  let seconds = 0;
  const io: Io = {
    ...memory,
    now: () => (slow ? (seconds += 3) : memory.now()),
    stderr: {
      ...memory.stderr,
      write: (text) => {
        memory.stderr.write(text);
        onWord?.(text);
      },
    },
  };
  const code = await runCli(words, { io, version: '0.0.0-test', signal });
  return { code, out: memory.out(), err: memory.err() };
}

/** The fields of `fim estimate --json` that scripts depend on. */
export interface FigureJson {
  readonly value: number;
  readonly standardError: number | null;
  readonly labelError: number | null;
  readonly dataError: number | null;
  readonly skewness: number | null;
  readonly interval: readonly [number, number] | null;
}

export interface EstimateJson {
  readonly examples: number;
  readonly outputs: number;
  readonly parameters: number;
  readonly likelihood: string;
  readonly estimator: string;
  readonly labels: number;
  readonly seed: number;
  readonly dtype: string;
  readonly engine: string;
  readonly error: string;
  readonly population: string;
  readonly level: number;
  readonly output: { readonly name: string; readonly removed: readonly string[] };
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  readonly interrupted: boolean;
  readonly trace: FigureJson;
  readonly layers: readonly { readonly name: string; readonly trace: FigureJson }[];
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: number[];
    readonly trace: FigureJson;
  }[];
  readonly seconds: number;
}

/** One JSON object and a line end, nothing else. */
export function oneObject<T>({ out, err }: Ran): T {
  expect(out, err).toMatch(/^\{.*\}\n$/);
  return JSON.parse(out) as T;
}

/** Runs a command that must succeed, with `--json` and `--quiet` added. */
export async function fimJson<T = EstimateJson>(words: readonly string[], options?: FimOptions): Promise<T> {
  const ran = await fim([...words, '--json', '--quiet'], options);
  expect(ran.code, ran.err).toBe(0);
  return oneObject<T>(ran);
}

/** A folder that is removed when the tests of the file are done. */
export function scratch(): { path: (name: string) => string; files: () => string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'fim-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { path: (name) => join(folder, name), files: () => readdirSync(folder).sort() };
}

/** A file of test/fixtures/models. */
export const model = (name: string, file = 'model.onnx'): string =>
  fileURLToPath(new URL(`../fixtures/models/${name}/${file}`, import.meta.url));

/** `fim estimate` of a fixture on its own data. */
export const estimateOf = (name: string, ...words: string[]): string[] => [
  'estimate',
  model(name),
  model(name, 'data.npz'),
  ...words,
];

export function writeNpz(path: string, arrays: Readonly<Record<string, Tensor>>): string {
  writeFileSync(path, formatNpz(new Map(Object.entries(arrays))));
  return path;
}

export function writeModel(path: string, parts: ModelParts): string {
  writeFileSync(path, bytesOf(parts));
  return path;
}

/** Smooth numbers in (−1, 1): inputs of tests in which they do not matter. */
export const wave = (...shape: number[]): Tensor<'float32'> =>
  tensor(
    'float32',
    shape,
    Float32Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => Math.sin(1.7 * i + 0.3)),
  );

/** What a complaint looks like: `error: where: rule`, got, cause, a blank line, `hint: next`. */
export interface Complained {
  readonly code: 1 | 2 | 3;
  /** Parts of the text that must be there, in any order. */
  readonly says: readonly (string | RegExp)[];
}

/** Asserts one complaint on standard error, with a next step, and nothing on standard output. */
export function expectComplaint({ code, out, err }: Ran, want: Complained): void {
  expect(code, err).toBe(want.code);
  expect(out).toBe('');
  const [, complaint = ''] = /(?:^|\n)(error: [\s\S]*)$/.exec(err) ?? [];
  expect(complaint, err).toMatch(/^error: .+: .+\n(?: {2}got: {3}.+\n)?(?: {2}cause: .+\n)?\nhint: .+\n$/);
  for (const part of want.says) {
    if (typeof part === 'string') expect(complaint).toContain(part);
    else expect(complaint).toMatch(part);
  }
}
