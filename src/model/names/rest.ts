/**
 * @module model/names/rest
 *
 * Names that are left without a tensor. One that the file has, but h does not depend on, has derivative 0. One that the file has not is
 * the same only if no tensor without a name could hold it: exporters leave out what is not used. Else it is an error, as it is where a
 * weight without a name is left.
 */
import type { Candidate } from '../../graph/onnx/index.js';
import type { Tensor } from '../../core/tensor.js';
import { isBlocking, isMask, isWaveTable, namedAsParameter } from '../evidence.js';
import { bufferOrParameter, notFound } from './complaints.js';
import { inModule } from './file-uses.js';
import type { Matching } from './matching.js';
import { splitName } from './module-path.js';
import { type NamedEntry, ZERO } from './types.js';

const UNUSED = `the output does not depend on it: ${ZERO}`;

/** Sets aside what has derivative 0. Throws `names/not-found`. */
export function settleRest(m: Matching): void {
  const missing: NamedEntry[] = [];
  for (const entry of m.unmatched()) {
    if (m.field.present.has(entry.name)) m.aside.push({ name: entry.name, reason: UNUSED });
    else missing.push(entry);
  }
  if (missing.length === 0) return;
  const left = m.nameless().filter((c) => !isBlocking(c.tensor));
  const claimed = [...m.parameters.values()].filter((p) => m.lists(p.entry.name)).length;
  const weights = left.some((c) => m.freeUses(c).some((u) => u.role === 'product'));
  const held = missing.filter((e) => weights || left.some((c) => couldHold(m, e, c)));
  if (claimed === 0 || held.length > 0 || m.differing.length > 0) {
    throw notFound(m, claimed === 0 || m.differing.length > 0 ? missing : held, left);
  }
  for (const { name } of missing) m.aside.push({ name, reason: `not in ${m.field.file}; ${UNUSED}` });
  const one = missing.length === 1;
  m.warnings.push(
    `${missing.map((e) => e.name).join(', ')}: ${m.field.file} has no tensor for ${one ? 'it' : 'them'}, so ${one ? 'it is' : 'they are'} taken as unused, derivative 0 (a network whose BatchNorm was folded into another layer looks the same)`,
  );
}

/**
 * Keys of arrays that hold what nobody learns: tables of sines, masks. Beside keys that only a state dict has they are buffers too, and
 * set aside; else both readings are possible, and it is an error. Throws `names/buffer`.
 */
export function settleBuffers(m: Matching): void {
  for (const [name, p] of [...m.parameters]) {
    if (p.entry.values === null || namedAsParameter(name) || !isBuffer(p.tensor)) continue;
    if (m.from.aside.length === 0) throw bufferOrParameter(m, name);
    m.drop(name, 'a table of sines or a mask, in a state dict');
  }
}

const isBuffer = (t: Tensor): boolean => isWaveTable(t) || isBlocking(t) || isMask(t);

/** Whether a tensor without a name may hold a parameter that was not found: it is read in its module, or in one around it. */
function couldHold(m: Matching, entry: NamedEntry, c: Candidate): boolean {
  const { module } = splitName(entry.name);
  return m.freeUses(c).some((u) => {
    if (u.scopes.length === 0 && u.beside.length === 0) return true;
    if (u.scopes.some((s) => s === '' || module.startsWith(`${s}.`))) return true;
    return inModule(u, module) > 0;
  });
}
