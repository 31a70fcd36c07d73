/**
 * @module cli/tasks/settle
 *
 * Rest of an estimate to a target error once its parts are added up: top-ups, and what follows where the target is missed, are made by the
 * process that merges, of the diagonal and of the matrix where that was asked for.
 */
import { absorbSums } from '../../fisher/sums/merge.js';
import { respanned } from '../../fisher/forms/diagonal/respan.js';
import type { FisherSums } from '../../fisher/index.js';
import type { DecidedEstimate } from '../../jobs/decided-estimate.js';
import { mergeDenseShards } from '../../jobs/merge-shards.js';
import type { EstimateSubject } from '../../jobs/request.js';
import { denseShardSums } from '../../jobs/shard.js';
import { type Settled, settleTarget } from '../../jobs/target-parts.js';
import { turn } from '../../jobs/yielding.js';
import type { Answer, Sum } from '../estimate/merge.js';
import { type EstimateContext, openSubject } from '../estimate/subject.js';
import { startProgress } from '../terminal/live.js';
import { type Messages, messagesOf } from '../terminal/messages.js';

/** Opens the network and the data, which only some of the merges need. */
export async function settleWork(
  context: EstimateContext,
  decided: DecidedEstimate,
  { diagonal, dense }: Sum,
  level: number | undefined,
  messages: Messages,
): Promise<Answer> {
  const { io, options, signal } = context;
  const subject = await openSubject(context, messagesOf(io, { quiet: true }));
  const progress = startProgress(io, 'top-up', options.quiet);
  const say = (line: string): void => messages.say(line);
  try {
    const listener = { signal, say, progress: (share: number) => progress.update(share, 'top-up') };
    const settled = await settleTarget(subject, decided, [diagonal], listener, level);
    progress.end();
    const { estimate, refusal } = settled;
    const none = refusal !== null || estimate.interrupted || dense === null;
    const matrix = none ? null : await denseOf(subject, settled, decided, dense, { signal, say });
    return { estimate, dense: matrix, refusal: refusal && refusal(estimate) };
  } finally {
    progress.end();
    subject.engine.dispose();
  }
}

/** The matrix over the visits that came of it: those of the parts and the others, or all again where they have other draws. */
async function denseOf(
  subject: EstimateSubject,
  { decided: settled }: Settled,
  decided: DecidedEstimate,
  dense: FisherSums<'dense'>,
  listener: { readonly signal: AbortSignal; say(line: string): void },
) {
  const to = settled.examples;
  const again = settled.labels !== decided.labels;
  const from = again ? 0 : decided.examples;
  if (from === to) return mergeDenseShards([dense]);
  const more = await denseShardSums(subject, settled, { from, to }, { ...listener, pause: turn });
  return mergeDenseShards([again ? more : absorbSums(respanned(dense, more), more)]);
}
