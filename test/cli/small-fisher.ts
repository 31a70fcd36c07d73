/** A small network with data in files of their own, and Fishers of it as files. */
import { expect } from 'vitest';
import { tensor } from '../../src/core/tensor.js';
import { f32, info, node } from '../onnx/builder.js';
import { fim, scratch, wave, writeModel, writeNpz } from './fim.js';

/** A figure of `--json`. */
export interface Figure {
  readonly value: number;
  readonly plugIn: number;
  readonly standardError: number | null;
  readonly interval: readonly [number, number] | null;
  readonly unresolved?: string;
}
/** `fim spectrum --json`. */
export interface Spectrum {
  readonly trace: Figure;
  readonly frobenius: Figure;
  readonly logdet: Figure;
  readonly effectiveDimension: Figure;
  readonly top: readonly Figure[];
  readonly form: string;
  readonly groups: number;
}

/** Examples. */
const N = 60;
/** The likelihood, in words. */
export const SAID = ['--likelihood', 'categorical'];

/** Makes them in a folder that goes with the tests. */
export function smallFisher() {
  const { path } = scratch();
  /** tanh 2-hidden-3. */
  function networkOf(hidden: number, times = 1.3): string {
    const values = (size: number, from: number) =>
      Array.from({ length: size }, (_, i) => Math.fround(times * Math.cos(2.1 * (i + from) + 0.4)));
    return writeModel(path(`model-${hidden}-${times}.onnx`), {
      inputs: [info('x', 'float32', ['n', 2])],
      outputs: ['h'],
      nodes: [
        node('MatMul', ['x', 'fc1.weight'], 'u'),
        node('Add', ['u', 'fc1.bias'], 'z'),
        node('Tanh', ['z'], 'a'),
        node('MatMul', ['a', 'fc2.weight'], 'v'),
        node('Add', ['v', 'fc2.bias'], 'h'),
      ],
      weights: {
        'fc1.weight': f32([2, hidden], values(2 * hidden, 0)),
        'fc1.bias': f32([hidden], values(hidden, 7)),
        'fc2.weight': f32([hidden, 3], values(3 * hidden, 11)),
        'fc2.bias': f32([3], values(3, 29)),
      },
    });
  }
  const network = networkOf(3);
  const data = writeNpz(path('data.npz'), {
    x: wave(N, 2),
    y: tensor(
      'int32',
      [N],
      Array.from({ length: N }, (_, i) => i % 3),
    ),
  });

  async function estimated(name: string, ...more: string[]): Promise<string> {
    const out = path(`${name}.npz`);
    const { code, err } = await fim(['estimate', network, data, ...SAID, ...more, '--out', out, '-q']);
    expect(code, err).toBe(0);
    return out;
  }

  return { path, network, networkOf, data, estimated };
}
