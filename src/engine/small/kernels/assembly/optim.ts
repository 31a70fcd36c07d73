/**
 * @module kernels/assembly/optim
 *
 * Optimiser steps on n contiguous parameters p with gradient g·scale, in place. Every operation rounds on its own (none is fused), in
 * the order written, so both builds agree to the bit.
 */
import { V, lanes, loadPart, storePart } from './vec';

/** A vector at `p`, or its first `part` elements. */
@inline
function load<T>(p: usize, part: usize): v128 {
  return part ? loadPart<T>(p, part) : v128.load(p);
}

@inline
function store<T>(p: usize, x: v128, part: usize): void {
  if (part) storePart<T>(p, x, part);
  else v128.store(p, x);
}

@inline
function sgdAt<T>(p: usize, u: usize, g: usize, part: usize, f: v128, lr: v128, mu: v128): void {
  let d = v128.mul<T>(load<T>(g, part), f);
  if (u) {
    d = v128.add<T>(v128.mul<T>(load<T>(u, part), mu), d);
    store<T>(u, d, part);
  }
  store<T>(p, v128.sub<T>(load<T>(p, part), v128.mul<T>(d, lr)), part);
}

/** u ← momentum·u + g·scale, p ← p − rate·u; without state where u is 0. */
export function sgd<T>(p: usize, u: usize, g: usize, n: usize, scale: T, rate: T, momentum: T): void {
  const L = lanes<T>();
  const f = v128.splat<T>(scale), lr = v128.splat<T>(rate), mu = v128.splat<T>(momentum);
  const end = p + (n / L) * V, part = n % L;
  for (; p < end; p += V, g += V) {
    sgdAt<T>(p, u, g, 0, f, lr, mu);
    if (u) u += V;
  }
  if (part) sgdAt<T>(p, u, g, part, f, lr, mu);
}

@inline
function rmspropAt<T>(
  p: usize, v: usize, g: usize, part: usize, f: v128, lr: v128, keep: v128, take: v128, eps: v128, inside: usize,
): void {
  const d = v128.mul<T>(load<T>(g, part), f);
  const q = v128.add<T>(v128.mul<T>(load<T>(v, part), keep), v128.mul<T>(v128.mul<T>(d, d), take));
  store<T>(v, q, part);
  const root = inside ? v128.sqrt<T>(v128.add<T>(q, eps)) : v128.add<T>(v128.sqrt<T>(q), eps);
  store<T>(p, v128.sub<T>(load<T>(p, part), v128.div<T>(v128.mul<T>(d, lr), root)), part);
}

/** v ← alpha·v + fresh·(g·scale)², p ← p − rate·g·scale/√(v + ε), or /(√v + ε) where `inside` is 0. */
export function rmsprop<T>(
  p: usize, v: usize, g: usize, n: usize, scale: T, rate: T, alpha: T, fresh: T, epsilon: T, inside: usize,
): void {
  const L = lanes<T>();
  const f = v128.splat<T>(scale), lr = v128.splat<T>(rate), eps = v128.splat<T>(epsilon);
  const keep = v128.splat<T>(alpha), take = v128.splat<T>(fresh);
  const end = p + (n / L) * V, part = n % L;
  for (; p < end; p += V, v += V, g += V) rmspropAt<T>(p, v, g, 0, f, lr, keep, take, eps, inside);
  if (part) rmspropAt<T>(p, v, g, part, f, lr, keep, take, eps, inside);
}

@inline
function adamAt<T>(
  p: usize, m: usize, v: usize, g: usize, part: usize,
  f: v128, lr: v128, b1: v128, a1: v128, b2: v128, a2: v128, eps: v128,
): void {
  const d = v128.mul<T>(load<T>(g, part), f);
  const s = v128.add<T>(v128.mul<T>(load<T>(m, part), b1), v128.mul<T>(d, a1));
  const q = v128.add<T>(v128.mul<T>(load<T>(v, part), b2), v128.mul<T>(v128.mul<T>(d, d), a2));
  store<T>(m, s, part);
  store<T>(v, q, part);
  const step = v128.div<T>(v128.mul<T>(s, lr), v128.add<T>(v128.sqrt<T>(q), eps));
  store<T>(p, v128.sub<T>(load<T>(p, part), step), part);
}

/** m ← beta1·m + fresh1·g·scale, v ← beta2·v + fresh2·(g·scale)², p ← p − rate·m/(√v + ε). */
export function adam<T>(
  p: usize, m: usize, v: usize, g: usize, n: usize, scale: T, rate: T,
  beta1: T, fresh1: T, beta2: T, fresh2: T, epsilon: T,
): void {
  const L = lanes<T>();
  const f = v128.splat<T>(scale), lr = v128.splat<T>(rate), eps = v128.splat<T>(epsilon);
  const b1 = v128.splat<T>(beta1), a1 = v128.splat<T>(fresh1);
  const b2 = v128.splat<T>(beta2), a2 = v128.splat<T>(fresh2);
  const end = p + (n / L) * V, part = n % L;
  for (; p < end; p += V, m += V, v += V, g += V) adamAt<T>(p, m, v, g, 0, f, lr, b1, a1, b2, a2, eps);
  if (part) adamAt<T>(p, m, v, g, part, f, lr, b1, a1, b2, a2, eps);
}
