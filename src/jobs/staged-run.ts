/**
 * @module jobs/staged-run
 *
 * Run of an estimate whose visits are decided as it goes: a pilot, a main stage of the size that the pilot's upper limit asks for, and
 * top-ups (jobs/staged-plan), in one pass that keeps all its visits. Its pilot may be run alone, for a plan.
 */
import { visitsHash } from '../data/order.js';
import {
  type DiagonalEstimate,
  estimateDiagonal,
  type ExampleSource,
  type Proxies,
} from '../fisher/index.js';
import { between, groupsKept, mingledOf, mingledVisits, stretchOf } from './grouped.js';
import { MOST_TOP_UPS, type Piloted, type StageFacts, StagedPlan } from './staged-plan.js';
import type { Visiting } from './visits.js';

/** One pass whose visits are decided as it goes. */
export class StagedRun {
  readonly plan: StagedPlan;
  private latest: StageFacts | null = null;
  private settled: number | null = null;
  /** Where stages ended. */
  private ends: number[] = [];

  constructor(
    private readonly of: Visiting,
    target: number,
    private readonly N: number,
    private readonly proxies: Proxies | null,
    weighted: boolean,
  ) {
    this.plan = new StagedPlan(of, target, N, proxies, weighted);
  }

  async estimate(): Promise<DiagonalEstimate> {
    const { of, proxies, N } = this;
    const { design, list } = this.plan;
    const { engine, network, likelihood } = of.subject;
    const made = await estimateDiagonal(engine, network, likelihood, this.source, {
      ...of.options,
      ...(design ? { design } : {}),
      // Proxies tell of examples that are not visited; where all are, none is left.
      ...(proxies ? { proxies } : {}),
      foretell: true,
      groupSums: groupsKept(of.request),
      onBatch: (progress) => {
        this.latest = progress;
        of.listener.progress?.(Math.min(1, progress.examples / (this.goal ?? N)), progress.trace);
      },
    });
    return design ? { ...made, visitsHash: visitsHash(between(list, 0, made.examples)) } : made;
  }

  private goal: number | null = null;

  /** The visits, stage by stage; run again, those of the first run. */
  readonly source: ExampleSource = (batch, dtype) => this.stages(batch, dtype);

  private *stages(batch: number, dtype: Parameters<ExampleSource>[1]): ReturnType<ExampleSource> & Generator {
    if (this.settled !== null) {
      yield* this.stretch(0, this.ends)(batch, dtype);
      return;
    }
    let done = 0;
    this.goal = this.plan.pilot;
    for (let stage = 0; stage <= MOST_TOP_UPS + 1 && done < this.goal; stage++) {
      let left = this.goal - done;
      for (const examples of this.stretch(done, [...this.ends, this.goal])(batch, dtype)) {
        left -= examples.n;
        yield left === 0 ? { ...examples, decides: true } : examples;
      }
      done = this.goal;
      this.ends.push(done);
      this.goal = this.plan.next(stage + 1, this.latest, done);
    }
    this.settled = done;
  }

  /** Visits of the stages that end at `ends` from a place on, each cut into groups of its own. */
  private stretch(from: number, ends: readonly number[]): ExampleSource {
    const { request, subject } = this.of;
    const { design, list: all } = this.plan;
    const to = ends[ends.length - 1] ?? 0;
    const mingled = design
      ? mingledVisits(groupsKept(request), request, {
          design,
          population: request.population ?? 'distribution',
        })
      : mingledOf(request);
    const stretch = { list: between(all, 0, to), from, to, stages: ends, mingled };
    return stretchOf(subject.dataset, { ...stretch, groups: design ? 0 : groupsKept(request) });
  }

  /** The pilot alone; null where a signal ended it first. */
  async piloted(): Promise<Piloted | null> {
    const { notes, latest } = await this.pilotOnly();
    return latest && { ...this.plan.found(latest), notes };
  }

  /** Visits of the pilot and the main stage together, by the pilot alone; null where a signal ended it first. */
  async planned(): Promise<number | null> {
    const { latest } = await this.pilotOnly();
    return latest && this.plan.next(1, latest, this.plan.pilot);
  }

  private async pilotOnly(): Promise<{ latest: StageFacts | null; notes: readonly string[] }> {
    this.settled = this.plan.pilot;
    this.ends = [this.plan.pilot];
    const { interrupted, notes } = await this.estimate();
    return { latest: interrupted ? null : this.latest, notes };
  }
}
