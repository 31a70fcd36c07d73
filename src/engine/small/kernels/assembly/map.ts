/**
 * @module kernels/assembly/map
 *
 * y[i] = f(x[i]) over n contiguous elements; y may be x. The last elements go through the same vector code with zeros
 * in the missing lanes, so an element's bits do not depend on where it lies. A function is a class whose method
 * is inlined into the loop.
 */
import { V, lanes, loadPart, storePart, zero } from './vec';
import { exp32, logSigmoid32, sigmoid32, softplus32 } from './exp32';
import { log32 } from './log32';
import { erf32, tanh32 } from './rational32';
import { erf64, logSigmoid64, sigmoid64, softplus64 } from './scalar64';

export function map<T, F>(y: usize, x: usize, n: usize): void {
  const f = changetype<F>(0);
  const r = n & (lanes<T>() - 1);
  const end = x + (n - r) * sizeof<T>();
  while (x != end) {
    v128.store(y, f.of(v128.load(x)));
    x += V;
    y += V;
  }
  if (r) storePart<T>(y, f.of(loadPart<T>(x, r)), r);
}

@inline
function first(x: v128): f64 {
  return f64x2.extract_lane(x, 0);
}

@inline
function second(x: v128): f64 {
  return f64x2.extract_lane(x, 1);
}

@inline
function pair(a: f64, b: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(a), 1, b);
}

@final
export class Neg<T> {
  @inline
  of(x: v128): v128 {
    return v128.neg<T>(x);
  }
}

@final
export class Abs<T> {
  @inline
  of(x: v128): v128 {
    return v128.abs<T>(x);
  }
}

@final
export class Sqrt<T> {
  @inline
  of(x: v128): v128 {
    return v128.sqrt<T>(x);
  }
}

@final
export class Square<T> {
  @inline
  of(x: v128): v128 {
    return v128.mul<T>(x, x);
  }
}

@final
export class Reciprocal<T> {
  @inline
  of(x: v128): v128 {
    return v128.div<T>(v128.splat<T>(1), x);
  }
}

/** 0 below 0, else x itself (so NaN stays). */
@final
export class Relu<T> {
  @inline
  of(x: v128): v128 {
    return v128.pmax<T>(x, zero());
  }
}

/** ±1, or x itself where it is 0 or NaN. */
@final
export class Sign<T> {
  @inline
  of(x: v128): v128 {
    const one = v128.bitselect(x, v128.splat<T>(1), v128.splat<T>(-0.0));
    return v128.bitselect(one, x, v128.gt<T>(v128.abs<T>(x), zero()));
  }
}

@final
export class Exp<T> {
  @inline
  of(x: v128): v128 {
    if (sizeof<T>() == 4) return exp32(x);
    return pair(NativeMath.exp(first(x)), NativeMath.exp(second(x)));
  }
}

@final
export class Log<T> {
  @inline
  of(x: v128): v128 {
    if (sizeof<T>() == 4) return log32(x);
    return pair(NativeMath.log(first(x)), NativeMath.log(second(x)));
  }
}

@final
export class Tanh<T> {
  @inline
  of(x: v128): v128 {
    if (sizeof<T>() == 4) return tanh32(x);
    return pair(NativeMath.tanh(first(x)), NativeMath.tanh(second(x)));
  }
}

@final
export class Sigmoid<T> {
  @inline
  of(x: v128): v128 {
    if (sizeof<T>() == 4) return sigmoid32(x);
    return pair(sigmoid64(first(x)), sigmoid64(second(x)));
  }
}

@final
export class Softplus<T> {
  @inline
  of(x: v128): v128 {
    if (sizeof<T>() == 4) return softplus32(x);
    return pair(softplus64(first(x)), softplus64(second(x)));
  }
}

@final
export class LogSigmoid<T> {
  @inline
  of(x: v128): v128 {
    if (sizeof<T>() == 4) return logSigmoid32(x);
    return pair(logSigmoid64(first(x)), logSigmoid64(second(x)));
  }
}

@final
export class Erf<T> {
  @inline
  of(x: v128): v128 {
    if (sizeof<T>() == 4) return erf32(x);
    return pair(erf64(first(x)), erf64(second(x)));
  }
}
