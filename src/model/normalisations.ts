/**
 * @module model/normalisations
 *
 * Scale and shift of one normalisation, y = x̂ ⊙ γ + β: β is added to what γ multiplies, and either one node of the file made both or
 * x̂ is a quotient by a root, as BatchNormalization, LayerNormalization, RMSNorm and what exporters make of them have it.
 */
import type { Node, Value } from '../graph/index.js';
import type { Site } from './sites.js';

/** Operators that move numbers and leave them as they are. */
const MOVES = new Set(['Reshape', 'Transpose', 'Cast', 'Expand']);
/** Names of operators in the origin of a node. */
const NORMALISATION = /^\w*Normalization\b/;

/** The scale whose normalisation the parameter of `site` shifts; null where there is none. */
export function scaleBeneath(site: Site, scaleOf: ReadonlyMap<Value, Value>): Value | null {
  const beneath = site.uses.map(({ node, inputIndex }): Value | null => {
    if (node.op !== 'Add') return null;
    const product = moved(node.inputs[1 - inputIndex]);
    const scale = scaleOf.get(product) ?? null;
    return scale !== null && ofNormalisation(node, product.node as Node) ? scale : null;
  });
  const [first = null] = beneath;
  return first !== site.parameter && beneath.every((scale) => scale === first) ? first : null;
}

/** Whether one node of the file made both, or a factor of the product is a quotient by a root. */
function ofNormalisation(shift: Node, scale: Node): boolean {
  if (shift.origin === scale.origin && NORMALISATION.test(shift.origin)) return true;
  return scale.inputs.some((factor) => {
    const { node } = moved(factor);
    if (node === null) return false;
    if (node.op === 'Div') return isRoot(node.inputs[1]);
    return node.op === 'Mul' && node.inputs.some(isRoot);
  });
}

/** √v, 1/√v or a power, moved or not. */
function isRoot(value: Value): boolean {
  const { node } = moved(value);
  if (node === null) return false;
  if (node.op === 'Reciprocal') return isRoot(node.inputs[0]);
  if (node.op === 'Div') return isRoot(node.inputs[1]);
  return node.op === 'Sqrt' || node.op === 'Pow';
}

function moved(value: Value): Value {
  let at = value;
  while (at.node !== null && MOVES.has(at.node.op)) [at] = at.node.inputs;
  return at;
}
