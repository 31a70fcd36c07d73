/**
 * @module graph/ops
 *
 * The table of core operators: everything that is read is normalised to these, and every derivative is written in them. An operator is
 * added by its file and its row here.
 */
import type { Operator } from '../operator.js';
import { Abs } from './abs.js';
import { Acos } from './acos.js';
import { Acosh } from './acosh.js';
import { Add } from './add.js';
import { Asin } from './asin.js';
import { Asinh } from './asinh.js';
import { Atan } from './atan.js';
import { Atanh } from './atanh.js';
import { Cast } from './cast.js';
import { Ceil } from './ceil.js';
import { Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Not } from './compare.js';
import { Concat } from './concat.js';
import { Cos } from './cos.js';
import { Cosh } from './cosh.js';
import { Div } from './div.js';
import { Erf } from './erf.js';
import { Exp } from './exp.js';
import { Expand } from './expand.js';
import { Fold } from './fold.js';
import { Gather } from './gather.js';
import { Floor } from './floor.js';
import { Log } from './log.js';
import { LogSoftmax } from './log-softmax.js';
import { MatMul } from './matmul.js';
import { Max } from './max.js';
import { Min } from './min.js';
import { Mod } from './mod.js';
import { Mul } from './mul.js';
import { Neg } from './neg.js';
import { Pad } from './pad.js';
import { Pow } from './pow.js';
import { Reciprocal } from './reciprocal.js';
import { ReduceMax } from './reduce-max.js';
import { ReduceSum } from './reduce-sum.js';
import { Relu } from './relu.js';
import { Reshape } from './reshape.js';
import { ScatterAdd } from './scatter-add.js';
import { Round } from './round.js';
import { Sigmoid } from './sigmoid.js';
import { Sign } from './sign.js';
import { Sin } from './sin.js';
import { Sinh } from './sinh.js';
import { Slice } from './slice.js';
import { Softmax } from './softmax.js';
import { Softplus } from './softplus.js';
import { Sqrt } from './sqrt.js';
import { Sub } from './sub.js';
import { Tan } from './tan.js';
import { Tanh } from './tanh.js';
import { TopK } from './top-k.js';
import { Transpose } from './transpose.js';
import { Unfold } from './unfold.js';
import { Where } from './where.js';

/** Every operator of the graph. */
export const CORE: readonly Operator[] = [
  Abs,
  Acos,
  Acosh,
  Add,
  Asin,
  Asinh,
  Atan,
  Atanh,
  Cast,
  Ceil,
  Concat,
  Cos,
  Cosh,
  Div,
  Equal,
  Erf,
  Exp,
  Expand,
  Fold,
  Gather,
  Floor,
  Greater,
  GreaterOrEqual,
  Less,
  LessOrEqual,
  Log,
  LogSoftmax,
  MatMul,
  Max,
  Min,
  Mod,
  Mul,
  Neg,
  Not,
  Pad,
  Pow,
  Reciprocal,
  ReduceMax,
  ReduceSum,
  Relu,
  Reshape,
  ScatterAdd,
  Round,
  Sigmoid,
  Sign,
  Sin,
  Sinh,
  Slice,
  Softmax,
  Softplus,
  Sqrt,
  Sub,
  Tan,
  Tanh,
  TopK,
  Transpose,
  Unfold,
  Where,
];
