/**
 * @module model/names/matching
 *
 * The state of a match between a file of names and the tensors of a network: which names have a tensor, which tensors (or which of their
 * uses) have a name, and what was concluded on the way.
 */
import type { Tensor } from '../../core/tensor.js';
import type { Candidate } from '../../graph/onnx/index.js';
import type { Value } from '../../graph/index.js';
import { type Arrangement, arrange, restored } from './arrangement.js';
import type { FileUse } from './file-uses.js';
import type { AsideKey, NamedEntry, NamesFile } from './types.js';

/** The tensors that names can be matched to. */
export interface Field {
  /** The network's file, for messages. */
  readonly file: string;
  readonly candidates: readonly Candidate[];
  readonly uses: ReadonlyMap<string, readonly FileUse[]>;
  /** Every floating-point tensor of the file by name, also those that do not reach h. */
  readonly present: ReadonlySet<string>;
  /** Whether PyTorch wrote the file: parameters keep their names unless something was computed of them. */
  readonly pytorch: boolean;
  /** Whether the file stores a tensor in half precision. */
  readonly half: (name: string) => boolean;
  /** Whether an exporter made a tensor's name up. */
  readonly made: (name: string) => boolean;
}

/** A parameter under its framework's name. */
export interface NamedParameter {
  readonly entry: NamedEntry;
  /** In the framework's layout, in the working type. */
  readonly tensor: Tensor;
  /** Names of the file's tensors that it stands for. */
  readonly sources: readonly string[];
  /** How it was recognised. */
  readonly reason: string;
}

/** A tensor of the file, or some of its uses, as a function of parameters. */
export interface Reading {
  readonly candidate: Candidate;
  readonly uses: readonly FileUse[];
  /** Names of the parameters. */
  readonly of: readonly string[];
  build(this: void, parameters: readonly Value[]): Value;
}

export class Matching {
  readonly parameters = new Map<string, NamedParameter>();
  readonly readings: Reading[] = [];
  readonly aside: AsideKey[] = [];
  readonly notes: string[] = [];
  readonly warnings: string[] = [];
  /** Found by name, under other numbers than the file of names has. */
  readonly differing: string[] = [];
  private readonly names: ReadonlySet<string>;

  constructor(
    readonly from: NamesFile,
    readonly field: Field,
  ) {
    this.names = new Set(from.entries.map((e) => e.name));
  }

  /** Whether the file of names has a name. */
  lists(name: string): boolean {
    return this.names.has(name);
  }

  /** Entries without a tensor so far. */
  unmatched(): NamedEntry[] {
    const gone = new Set(this.aside.map((a) => a.name));
    return this.from.entries.filter((e) => !this.parameters.has(e.name) && !gone.has(e.name));
  }

  usesOf(candidate: Candidate): readonly FileUse[] {
    return this.field.uses.get(candidate.name) ?? [];
  }

  /** The uses of a candidate that no name has, statistics aside. */
  freeUses(candidate: Candidate): FileUse[] {
    const taken = new Set(this.readings.filter((r) => r.candidate === candidate).flatMap((r) => r.uses));
    return this.usesOf(candidate).filter((u) => !taken.has(u) && u.role !== 'statistic');
  }

  /** Tensors that have no name yet and may need one. */
  nameless(): Candidate[] {
    const { candidates, pytorch, made } = this.field;
    const claimed = new Set(this.readings.map((r) => r.candidate));
    return candidates.filter(
      (c) =>
        !claimed.has(c) &&
        (!pytorch || made(c.name)) &&
        !(pytorch && c.source === 'constant-node') &&
        this.freeUses(c).length > 0,
    );
  }

  /** Gives uses of a tensor to a name. */
  claim(
    entry: NamedEntry,
    candidate: Candidate,
    a: Arrangement,
    reason: string,
    uses = this.freeUses(candidate),
  ): void {
    const before = this.parameters.get(entry.name);
    this.parameters.set(entry.name, {
      entry,
      tensor: before?.tensor ?? restored(candidate.tensor, a),
      sources: [...(before?.sources ?? []), candidate.name],
      reason: before?.reason ?? reason,
    });
    this.readings.push({ candidate, uses, of: [entry.name], build: ([p]) => arrange(p, a) });
  }

  /** Takes a name back: its tensor stays as it is. */
  drop(name: string, reason: string): void {
    this.parameters.delete(name);
    this.aside.push({ name, reason });
    const kept = this.readings.filter((r) => !r.of.includes(name));
    this.readings.splice(0, this.readings.length, ...kept);
  }

  /** Reads tensors from one parameter, each as a function of it. */
  spread(
    entry: NamedEntry,
    tensor: Tensor,
    reason: string,
    tensors: readonly { readonly candidate: Candidate; build(this: void, parameter: Value): Value }[],
  ): void {
    const sources = tensors.map((t) => t.candidate.name);
    this.parameters.set(entry.name, { entry, tensor, sources, reason });
    for (const { candidate, build } of tensors) {
      const uses = this.freeUses(candidate);
      this.readings.push({ candidate, uses, of: [entry.name], build: ([p]) => build(p) });
    }
  }

  /** Makes a tensor a function of parameters whose numbers are given. */
  compose(
    candidate: Candidate,
    parts: readonly { readonly entry: NamedEntry; readonly tensor: Tensor }[],
    reason: string,
    build: (parameters: readonly Value[]) => Value,
  ): void {
    for (const { entry, tensor } of parts) {
      this.parameters.set(entry.name, { entry, tensor, sources: [candidate.name], reason });
    }
    this.readings.push({
      candidate,
      uses: this.freeUses(candidate),
      of: parts.map((p) => p.entry.name),
      build,
    });
  }
}
