/**
 * @module engine/port-names
 *
 * Names of a program's inputs that no tensor of a file can take. Weights are bound by their own names, which come from a file and
 * may be any string; whatever else a program reads (examples, cotangents, values of an earlier half) is named behind a mark that no
 * weight begins with. The mark is a colon, and one more for as long as some weight begins with it.
 */
import type { TypedArray } from '../core/tensor.js';
import type { Program } from './types.js';

export class PortNames {
  private readonly mark: string;

  /** `weights`: names of all tensors that programs bind by name, whether or not one graph reads them. */
  constructor(weights: Iterable<string>) {
    let mark = ':';
    for (const name of weights) while (name.startsWith(mark)) mark += ':';
    this.mark = mark;
  }

  /** A data input of the network. */
  data(name: string): string {
    return `${this.mark}data ${name}`;
  }

  /** An input that arrives between two halves. */
  late(key: string): string {
    return `${this.mark}late ${key}`;
  }

  /** A value that one half hands to another; also the name of the output that it is. */
  shared(key: string): string {
    return `${this.mark}shared ${key}`;
  }
}

/** Gives a program those of the data inputs that it reads. */
export function setData(program: Program, inputs: ReadonlyMap<string, TypedArray>, names: PortNames): void {
  const read = new Set(program.inputs.map((p) => p.name));
  for (const [name, data] of inputs) {
    const port = names.data(name);
    if (read.has(port)) program.setInput(port, data);
  }
}
