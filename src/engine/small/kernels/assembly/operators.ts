/**
 * @module kernels/assembly/operators
 *
 * Functions of two vectors, as classes whose method is inlined into a loop. Comparisons give lane masks.
 */
@final
export class Add<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
  }
}

@final
export class Sub<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.sub<T>(a, b);
  }
}

@final
export class Mul<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b);
  }
}

@final
export class Div<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.div<T>(a, b);
  }
}

/** NaN if either is NaN. */
@final
export class Max<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.max<T>(a, b);
  }
}

/** NaN if either is NaN. */
@final
export class Min<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.min<T>(a, b);
  }
}

@final
export class Greater<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.gt<T>(a, b);
  }
}

@final
export class GreaterOrEqual<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.ge<T>(a, b);
  }
}

@final
export class Less<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.lt<T>(a, b);
  }
}

@final
export class LessOrEqual<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.le<T>(a, b);
  }
}

@final
export class Equal<T> {
  @inline
  of(a: v128, b: v128): v128 {
    return v128.eq<T>(a, b);
  }
}

/** a^b lane by lane. */
@final
export class Power<T> {
  @inline
  of(a: v128, b: v128): v128 {
    if (sizeof<T>() == 8) {
      const x = NativeMath.pow(f64x2.extract_lane(a, 0), f64x2.extract_lane(b, 0));
      const y = NativeMath.pow(f64x2.extract_lane(a, 1), f64x2.extract_lane(b, 1));
      return f64x2.replace_lane(f64x2.splat(x), 1, y);
    }
    let v = f32x4.splat(NativeMathf.pow(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
    v = f32x4.replace_lane(v, 1, NativeMathf.pow(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
    v = f32x4.replace_lane(v, 2, NativeMathf.pow(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
    return f32x4.replace_lane(v, 3, NativeMathf.pow(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
  }
}

/** Functions of one vector that a power becomes where its exponent is one of these numbers. */
@final
export class Cube<T> {
  @inline
  of(x: v128): v128 {
    return v128.mul<T>(v128.mul<T>(x, x), x);
  }
}

/** x^½ = √x, but 0 for −0 and ∞ for −∞. */
@final
export class Root<T> {
  @inline
  of(x: v128): v128 {
    const low = v128.eq<T>(x, v128.splat<T>(<T>(-Infinity)));
    return v128.bitselect(v128.splat<T>(<T>Infinity), v128.add<T>(v128.sqrt<T>(x), i32x4.splat(0)), low);
  }
}
