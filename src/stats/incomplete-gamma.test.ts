import { describe, expect, it } from 'vitest';
import { deviance, logGamma, stirlingError } from './gamma.js';
import { gammaQuantile } from './gamma-quantile.js';
import { incompleteGamma } from './incomplete-gamma.js';

const off = (got: number, truth: number) => (got === truth ? 0 : Math.abs(got - truth) / Math.abs(truth));

/** a, x, P(a, x), Q(a, x) from 50-digit arithmetic at exactly these doubles. */
const VALUES: [number, number, number, number][] = [
  [0.5, 0.0009181523885144535, 0.03418058910826117, 0.9658194108917388],
  [0.5, 0.3523440448593567, 0.5987871023216482, 0.4012128976783517],
  [0.5, 0.6168390299783716, 0.7333070663552473, 0.2666929336447526],
  [0.5, 16.557725979346156, 0.9999999913154192, 8.68458085128487e-9],
  [1.0, 0.001836304777028907, 0.001834619800946188, 0.9981653801990538],
  [1.0, 0.7046880897187134, 0.5057372841615535, 0.4942627158384465],
  [1.0, 1.2336780599567432, 0.7087805172812103, 0.2912194827187897],
  [1.0, 33.11545195869231, 0.9999999999999959, 4.150896920109045e-15],
  [2.5, 0.0465057592165852, 0.00013576424888558016, 0.9998642357511144],
  [2.5, 2.0035714151653754, 0.4516119843637294, 0.5483880156362706],
  [2.5, 2.855098643362317, 0.6645531645353969, 0.33544683546460313],
  [2.5, 22.871351335766246, 0.9999999897538762, 1.0246123884254244e-8],
  [30.5, 13.931958474219108, 8.324551494669926e-5, 0.9999167544850533],
  [30.5, 30.5, 0.5240830880664501, 0.47591691193354985],
  [30.5, 41.54536101718726, 0.9684325388740659, 0.031567461125934115],
  [30.5, 96.77216610312357, 0.9999999999999989, 1.0566620580166196e-15],
  [1000.0, 905.1316701949486, 0.0010012389950642836, 0.9989987610049357],
  [1000.0, 1000.0, 0.5042052441802155, 0.4957947558197845],
  [1000.0, 1063.2455532033675, 0.9755701126981653, 0.02442988730183475],
  [1000.0, 1379.4733192202054, 1.0, 2.6776502344117443e-27],
  [99999.0, 99050.32144537783, 0.0013127696951830733, 0.9986872303048169],
  [99999.0, 99999.0, 0.5004205242129918, 0.4995794757870083],
  [99999.0, 100631.4523697481, 0.9770794033708755, 0.022920596629124514],
  [99999.0, 103793.71421848866, 1.0, 1.0438948785043602e-32],
  [100001.0, 97154.93587563456, 5.148332804035744e-20, 1.0],
  [100001.0, 99052.31195854486, 0.001312770064012699, 0.9986872299359874],
  [100001.0, 99842.88532642415, 0.30881588773327884, 0.6911841122667212],
  [100001.0, 100001.0, 0.5004205200077702, 0.49957947999222985],
  [100001.0, 100095.86880414552, 0.6182771924395851, 0.38172280756041493],
  [100001.0, 100633.45869430344, 0.9770794050728034, 0.022920594927196582],
  [100001.0, 101582.14673575858, 0.999999673662314, 3.263376859948458e-7],
  [100001.0, 103795.75216582058, 1.0, 1.0438769021225093e-32],
  [1000000000.0, 999715395.0105848, 1.1199511090918943e-19, 1.0],
  [1000000000.0, 999905131.670195, 0.0013495243297381703, 0.9986504756702619],
  [1000000000.0, 999984188.6116991, 0.308540322048016, 0.691459677951984],
  [1000000000.0, 1000000000.0, 0.5000042052208701, 0.4999957947791299],
  [1000000000.0, 1000009486.8329805, 0.6179150805469263, 0.3820849194530736],
  [1000000000.0, 1000063245.5532033, 0.9772481607345047, 0.022751839265495313],
  [1000000000.0, 1000158113.8830084, 0.9999997129721125, 2.8702788747547343e-7],
  [1000000000.0, 1000379473.3192202, 1.0, 1.809122712747889e-33],
];

/** a, u, x with P(a, x) = u, likewise. */
const QUANTILES: [number, number, number][] = [
  [0.01, 0.01, 5.660738147061893e-201],
  [0.01, 0.5, 4.465535018910349e-31],
  [0.01, 0.999, 1.5090841476947499],
  [0.1, 1e-15, 6.073048362407887e-151],
  [0.1, 0.01, 6.073048362407884e-21],
  [0.1, 0.5, 0.0005933911044602259],
  [0.1, 0.999, 3.3636770117187536],
  [0.5, 1e-15, 7.853981633974484e-31],
  [0.5, 0.01, 7.854392895485099e-5],
  [0.5, 0.5, 0.2274682115597864],
  [0.5, 0.999, 5.4137830853313655],
  [1.0, 1e-15, 1.0000000000000007e-15],
  [1.0, 0.01, 0.010050335853501442],
  [1.0, 0.5, 0.6931471805599453],
  [1.0, 0.999, 6.907755278982136],
  [1.5, 1e-15, 1.208993965570819e-10],
  [1.5, 0.01, 0.05741590094955852],
  [1.5, 0.5, 1.182986942187669],
  [1.5, 0.999, 8.133118098119064],
  [2.5, 1e-15, 1.616704637072463e-6],
  [2.5, 0.01, 0.27714903836413857],
  [2.5, 0.5, 2.1757300955477636],
  [2.5, 0.999, 10.257502826216438],
  [20.0, 1e-15, 1.592902865138621],
  [20.0, 0.01, 11.08213062648758],
  [20.0, 0.5, 19.667672423305667],
  [20.0, 0.999, 36.70097875949552],
  [300.25, 1e-15, 182.5664561346733],
  [300.25, 0.01, 261.4157756941744],
  [300.25, 0.5, 299.9167325354818],
  [300.25, 0.999, 356.6578744268657],
];

describe('regularised incomplete gamma', () => {
  it.each(VALUES)('a = %d, x = %d', (a, x, lower, upper) => {
    const got = incompleteGamma(a, x);
    // An exponent d of float64 loses d·2⁻⁵³; nothing else is lost.
    const tolerance = 2e-14 + 4e-16 * Math.abs(Math.log(Math.min(lower, upper)));
    expect(off(got.lower, lower)).toBeLessThan(tolerance);
    expect(off(got.upper, upper)).toBeLessThan(tolerance);
  });

  it('P(1, x) = 1 − e⁻ˣ, P(½, x) = erf √x of published tables (Abramowitz and Stegun 7.1), and the ends', () => {
    for (const x of [1e-300, 1e-9, 0.3, 1, 4, 50, 700]) {
      // The exponent is as large as |log x|.
      const tolerance = 3e-15 + 2e-16 * Math.abs(Math.log(x));
      expect(off(incompleteGamma(1, x).lower, -Math.expm1(-x))).toBeLessThan(tolerance);
      expect(off(incompleteGamma(1, x).upper, Math.exp(-x))).toBeLessThan(3e-14);
    }
    expect(incompleteGamma(0.5, 0.25).lower).toBeCloseTo(0.5204998778, 10);
    expect(incompleteGamma(0.5, 4).lower).toBeCloseTo(0.995322265, 10);
    expect(incompleteGamma(3, 0)).toEqual({ lower: 0, upper: 1 });
    expect(incompleteGamma(3, Infinity)).toEqual({ lower: 1, upper: 0 });
    expect(incompleteGamma(0, 1).lower).toBeNaN();
    expect(incompleteGamma(1, -1).upper).toBeNaN();
  });

  it('is continuous where its three ways meet', () => {
    for (const [a, x] of [
      [7, 8],
      [1e5, 1.05e5],
      [1e5, 0.95e5],
      [1e5, 1e5 + 1000],
    ]) {
      const [p, q] = [incompleteGamma(a * (1 - 1e-15), x * (1 - 1e-15)), incompleteGamma(a, x * (1 + 1e-15))];
      const small = Math.min(p.lower, p.upper) === p.lower ? [p.lower, q.lower] : [p.upper, q.upper];
      if (small[0] > 1e-300) expect(off(small[0], small[1])).toBeLessThan(1e-11);
    }
  });
});

describe('gamma quantile', () => {
  it.each(QUANTILES)('a = %d, u = %d', (a, u, x) => {
    // Where P ~ xᵃ, rounding u moves log x by 2⁻⁵³/a.
    expect(off(gammaQuantile(a, u), x)).toBeLessThan(1e-14 + 4e-15 / a);
  });

  it('inverts P, and never falls to 0', () => {
    for (const a of [0.2, 1, 3.3, 80, 1e4, 1e7]) {
      for (const u of [1e-12, 0.02, 0.4, 0.6, 0.98]) {
        expect(off(incompleteGamma(a, gammaQuantile(a, u)).lower, u)).toBeLessThan(
          1e-15 * Math.sqrt(a) + 1e-13,
        );
      }
    }
    expect(gammaQuantile(0.001, 0.1)).toBe(2.2250738585072014e-308);
    expect(gammaQuantile(2, 0)).toBe(0);
    expect(gammaQuantile(2, 1)).toBe(Infinity);
    expect(gammaQuantile(-1, 0.5)).toBeNaN();
  });
});

describe('parts of probabilities', () => {
  it('Stirling: log Γ from S, at both sides of the series', () => {
    for (const x of [0.01, 0.5, 1, 3.5, 9.99, 10, 44, 1e6]) {
      const sum = (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + stirlingError(x);
      expect(Math.abs(sum - logGamma(x))).toBeLessThan(6e-16 * Math.max(4, Math.abs(x * Math.log(x))));
    }
    // S(1) = 1 − ½ log 2π; S(10) by Loader's table (2000).
    expect(off(stirlingError(1), 0.0810614667953272582196702)).toBeLessThan(2e-14);
    expect(off(stirlingError(10), 0.00833056343336287125646931)).toBeLessThan(1e-15);
  });

  it('deviance keeps its digits where x is near m', () => {
    // D(m(1 + e), m)/m = (1 + e) log(1 + e) − e = e²/2 − e³/6 + …
    for (const e of [2 ** -20, -(2 ** -24), 2 ** -30]) {
      const m = 2 ** 40;
      const series = (e * e) / 2 - e ** 3 / 6 + e ** 4 / 12;
      expect(off(deviance(m * (1 + e), m), m * series)).toBeLessThan(1e-15);
    }
    expect(deviance(0, 3)).toBe(3);
    expect(off(deviance(30, 3), 30 * Math.log(10) - 27)).toBeLessThan(1e-15);
  });
});
