/**
 * @module fisher/proxy/facts
 *
 * Facts of the proxies of some visits, as sums that merge: moments of u_jA_j over the visits, and A_j of the first of them by their places
 * in the order (fisher/proxy/meter). As arrays by name they stand in the sums of a part of an estimate's visits.
 */
import { Moments } from '../../stats/moments.js';
import type { KnownProxies, ProxyFacts } from '../meter.js';
import type { SumsPart } from '../forms/sums.js';

/** Of some visits. */
export interface ProxySums {
  /** Of u_jA_j, u = 1 for uniform visits. */
  readonly moments: Moments;
  /** Place, index and A_j of the first visits. */
  readonly places: readonly number[];
  readonly visited: readonly number[];
  readonly amounts: readonly number[];
}

/** r; null where the visits do not vary and the whole does. */
export function factorOf(moments: Moments, whole: number): number | null {
  if (moments.count < 2) return null;
  if (whole <= moments.sampleVariance || whole === 0) return 1;
  return moments.m2 === 0 ? null : Math.sqrt(whole / moments.sampleVariance);
}

/** What the rules of intervals take. */
export function factsOf(
  { moments, visited, amounts }: ProxySums,
  { values, whole, drawn }: KnownProxies,
): ProxyFacts {
  return { factor: factorOf(moments, whole), values, visited, amounts, drawn };
}

export const proxyPart = ({ moments, places, visited, amounts }: ProxySums): SumsPart => ({
  'proxy/moments': Float64Array.from(moments.state()),
  'proxy/places': Float64Array.from(places),
  'proxy/visited': Float64Array.from(visited),
  'proxy/amounts': Float64Array.from(amounts),
});

/** null: the part has none. */
export function proxyOfPart(part: SumsPart): ProxySums | null {
  if (!('proxy/moments' in part)) return null;
  const [places, visited, amounts] = ['places', 'visited', 'amounts'].map((name) =>
    Array.from(part[`proxy/${name}`]),
  );
  return { moments: new Moments().restore(part['proxy/moments']), places, visited, amounts };
}

/** Of the visits of both. */
export function mergedProxies(a: ProxySums, b: ProxySums): ProxySums {
  const places = [...a.places, ...b.places];
  const order = places.map((_, i) => i).sort((i, j) => places[i] - places[j]);
  const of = (one: readonly number[], other: readonly number[]) => {
    const both = [...one, ...other];
    return order.map((i) => both[i]);
  };
  return {
    moments: new Moments().merge(a.moments).merge(b.moments),
    places: order.map((i) => places[i]),
    visited: of(a.visited, b.visited),
    amounts: of(a.amounts, b.amounts),
  };
}
