/**
 * @module kernels/assembly/optim
 *
 * Optimiser steps on n contiguous parameters p with gradient g, in place.
 */
import { V, lanes, loadPart, storePart } from './vec';

/** v ← momentum·v + g + decay·p, p ← p − rate·v; without state where v is 0. */
export function sgd<T>(p: usize, v: usize, g: usize, n: usize, rate: T, momentum: T, decay: T): void {
  const L = lanes<T>();
  const lr = v128.splat<T>(rate), mu = v128.splat<T>(momentum), wd = v128.splat<T>(decay);
  while (n > 0) {
    const whole = n >= L;
    const x = whole ? v128.load(p) : loadPart<T>(p, n);
    let d = whole ? v128.load(g) : loadPart<T>(g, n);
    d = v128.add<T>(d, v128.mul<T>(wd, x));
    if (v) {
      d = v128.add<T>(v128.mul<T>(mu, whole ? v128.load(v) : loadPart<T>(v, n)), d);
      if (whole) v128.store(v, d);
      else storePart<T>(v, d, n);
      v += V;
    }
    const out = v128.sub<T>(x, v128.mul<T>(lr, d));
    if (whole) v128.store(p, out);
    else storePart<T>(p, out, n);
    p += V;
    g += V;
    n -= whole ? L : n;
  }
}

/**
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − rate·(m·c₁/(√(v·c₂) + ε) + decay·p), with the bias corrections
 * c = 1/(1 − β^t) given.
 */
export function adam<T>(
  p: usize, m: usize, v: usize, g: usize, n: usize,
  rate: T, beta1: T, beta2: T, epsilon: T, c1: T, c2: T, decay: T,
): void {
  const L = lanes<T>();
  const lr = v128.splat<T>(rate), wd = v128.splat<T>(decay), eps = v128.splat<T>(epsilon);
  const b1 = v128.splat<T>(beta1), a1 = v128.splat<T>(1 - beta1);
  const b2 = v128.splat<T>(beta2), a2 = v128.splat<T>(1 - beta2);
  const k1 = v128.splat<T>(c1), k2 = v128.splat<T>(c2);
  while (n > 0) {
    const whole = n >= L;
    const x = whole ? v128.load(p) : loadPart<T>(p, n);
    const d = whole ? v128.load(g) : loadPart<T>(g, n);
    let s = whole ? v128.load(m) : loadPart<T>(m, n);
    let q = whole ? v128.load(v) : loadPart<T>(v, n);
    s = v128.add<T>(v128.mul<T>(b1, s), v128.mul<T>(a1, d));
    q = v128.add<T>(v128.mul<T>(b2, q), v128.mul<T>(a2, v128.mul<T>(d, d)));
    const step = v128.div<T>(v128.mul<T>(s, k1), v128.add<T>(v128.sqrt<T>(v128.mul<T>(q, k2)), eps));
    const out = v128.sub<T>(x, v128.mul<T>(lr, v128.add<T>(step, v128.mul<T>(wd, x))));
    if (whole) {
      v128.store(m, s);
      v128.store(v, q);
      v128.store(p, out);
    } else {
      storePart<T>(m, s, n);
      storePart<T>(v, q, n);
      storePart<T>(p, out, n);
    }
    p += V;
    m += V;
    v += V;
    g += V;
    n -= whole ? L : n;
  }
}
