import { softplus } from '../../core/numeric.js';
import type { OnnxWriter } from '../onnx/export/writers.js';
import { unaryOperator } from './unary.js';

/** ln(1 + eˣ), as max(x, 0) + ln(1 + e^−|x|) where the runtime has no kernel in double precision. */
const write: OnnxWriter = (e, node, [x], out) => {
  const { dtype } = node.output;
  if (!e.lowerDouble || dtype !== 'float64') {
    e.node('Softplus', [x], {}, out);
    return;
  }
  const tail = e.node('Exp', [e.node('Neg', [e.node('Abs', [x])])]);
  const log = e.node('Log', [e.node('Add', [tail, e.scalar(1, dtype)])]);
  e.node('Add', [e.node('Relu', [x]), log], {}, out);
};

/** y = ln(1 + eˣ), y′ = σ(x). */
export const Softplus = unaryOperator({
  name: 'Softplus',
  of: softplus,
  slope: (b, x) => b.sigmoid(x),
  onnx: { write, doubleKernel: 'lowered' },
});
