/**
 * @module model/names/apply
 *
 * The graph in which every tensor that has a name is read from its parameter: under the framework's name, in its layout, one input for
 * each parameter, so that derivatives come out as the framework has them.
 */
import { invariant } from '../../core/errors.js';
import { input, nodesOf, operandUses, type OperandUse, rewireUses, type Value } from '../../graph/index.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { readersOf } from '../../graph/readers.js';
import { substitute } from '../../graph/substitute.js';
import type { FileUse } from './file-uses.js';
import type { Matching, Reading } from './matching.js';

export interface NamedGraph {
  readonly h: Value;
  /** By name, in the order of the file of names. */
  readonly parameters: ReadonlyMap<string, Value>;
}

/** Reads the graph of `h` from named parameters. */
export function applyNames(h: Value, m: Matching): NamedGraph {
  const parameters = new Map<string, Value>();
  for (const { name } of m.from.entries) {
    const p = m.parameters.get(name);
    if (p) parameters.set(name, input(name, h.dtype, p.tensor.shape));
  }
  const built = (r: Reading) => r.build(r.of.map((name) => parameters.get(name) as Value));
  const whole = new Map<Value, Value>();
  const apart = new Map<OperandUse, Value>();
  const readers = readersOf(nodesOf([h]));
  for (const c of new Set(m.readings.map((r) => r.candidate))) {
    const readings = m.readings.filter((r) => r.candidate === c);
    if (readings.length === 1 && readings[0].uses.length === m.usesOf(c).length) {
      whole.set(c.value, built(readings[0]));
      continue;
    }
    const operands = operandUses([h], c.value, readers);
    for (const r of readings) {
      const replacement = built(r);
      for (const use of r.uses) {
        for (const operand of operandsOf(m, c, use, operands)) apart.set(operand, replacement);
      }
    }
  }
  const [split] = rewireUses([h], apart);
  const [named] = substitute([split], whole);
  return { h: named, parameters };
}

/** What a use in the file became in the graph that was read from it. */
function operandsOf(m: Matching, c: Candidate, use: FileUse, operands: readonly OperandUse[]): OperandUse[] {
  const name = use.node.name || (use.node.outputs.find((o) => o !== '') ?? '');
  const here = operands.filter((o) => o.nodeName === name);
  const several = m.usesOf(c).filter((u) => u.node === use.node).length > 1;
  if (!several) return here;
  const own = here.filter((o) => roleOf(o) === use.role);
  invariant(own.length > 0, `operand ${use.operand + 1} of ${name}`, 'is read apart from its other operands');
  return own;
}

/** Which operand of a normalisation an operand of its graph was: (x − mean)/√(var + ε) ⊙ scale + shift. */
function roleOf({ node }: OperandUse): FileUse['role'] {
  const depends = node.output.shape.some((d) => typeof d !== 'number');
  if (!depends || node.op === 'Sub') return 'statistic';
  return node.op === 'Mul' ? 'scale' : 'additive';
}
