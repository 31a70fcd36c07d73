/**
 * @module test/onnx/dynamo
 *
 * Small networks in the manner of PyTorch's present exporter, each with what fim is to find in it. `DYNAMO=write npx vitest run test/onnx/dynamo`
 * writes the files; the test holds them against this.
 */
import type { DynamoFile } from './writer.js';
import { CELLS } from './cells.js';
import { IMAGES } from './images.js';
import { LAYERS } from './layers.js';
import { TOKENS } from './tokens.js';

/** One network. */
export interface Fixture {
  readonly name: string;
  readonly likelihood: 'categorical' | 'bernoulli' | 'gaussian';
  /** Lengths of one example by input; integers below `below`. */
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly below?: number }>>;
  /** Parameters in the order of the file, under the names of the module. */
  readonly parameters: readonly string[];
  /** Tensors that the file leaves in doubt, and rightly: default none. */
  readonly doubts?: readonly string[];
  /** Which output, where there are several. */
  readonly output?: string;
  readonly make: () => DynamoFile;
}

export const FIXTURES: readonly Fixture[] = [...LAYERS, ...IMAGES, ...TOKENS, ...CELLS];
