import * as b from '../build.js';
import { unaryOperator } from './unary.js';

/** y = ln(1 + eˣ), y′ = σ(x). */
export const Softplus = unaryOperator('Softplus', (x) => b.sigmoid(x));
