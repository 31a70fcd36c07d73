/**
 * @module model/feeds
 *
 * The feeds of the inputs of a file by data: the axis along which arrays that were made for it have their examples, and the inputs that may
 * be left out. A transformer without segments takes zeros for them and ones for its mask, as the libraries that train it do; a recurrent network begins
 * with a state of zeros.
 */
import { axisOf, type ImportedModel } from '../graph/onnx/index.js';
import { isFloat } from '../core/tensor.js';
import type { Feed } from './feed.js';

const SEGMENTS = /(^|[._/])(token_type|segment)_?ids?$/i;
const MASK = /(^|[._/])attention_?mask$/i;
const STATE =
  /(^|[._/])([hc]_?(0|n|in|init)|(initial_|hidden_|cell_)+states?(_in)?|init(ial)?_[hc]|past_?(key|value|kv).*|(kv_?)?cache_?(key|value|[kv]\b).*)$/i;
/** Names that may as well be an observation's: a state only where the examples do not come first. */
const BARE_STATE = /(^|[._/])([hc]|states?(_in)?|cache)$/i;

/** Feeds by input; those of which there is nothing to say are left out. */
export function feedsOf(model: ImportedModel): ReadonlyMap<string, Feed> {
  const feeds = new Map<string, Feed>();
  for (const { name, value } of model.inputs) {
    const axis = axisOf(model.reading, name) ?? 0;
    const otherwise = defaultOf(name, isFloat(value.dtype), axis);
    if (axis === 0 && otherwise === null) continue;
    feeds.set(name, {
      axis,
      said: model.reading.said?.has(name) ?? false,
      ...(otherwise === null ? {} : { otherwise }),
    });
  }
  return feeds;
}

/** What an input is where nothing feeds it; null where it must be fed. */
function defaultOf(name: string, float: boolean, axis: number): number | null {
  if (SEGMENTS.test(name)) return 0;
  if (MASK.test(name)) return 1;
  return float && (STATE.test(name) || (axis > 0 && BARE_STATE.test(name))) ? 0 : null;
}
