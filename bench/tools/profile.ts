/**
 * @module bench/tools/profile
 *
 * Where ONNX Runtime spends its time, node by node. Its own profiler measures inside each kernel, so that medians over many runs
 * hold on a busy machine, where the time of a whole run does not.
 */
import { readFileSync, unlinkSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { OrtModule } from '../../src/engine/index.js';
import { median } from './measure.js';

export interface NodeTime {
  readonly session: number;
  readonly name: string;
  readonly op: string;
  /** Shapes of its inputs and outputs. */
  readonly shapes: string;
  /** Median microseconds of a run. */
  readonly us: number;
}

type Session = ort.InferenceSession & { endProfiling(): void };

/** ONNX Runtime whose sessions, in order of creation, write profiles; `stop` ends them and gives the medians. */
export function profiled(): { module: OrtModule; stop: () => NodeTime[] } {
  const folder = mkdtempSync(join(tmpdir(), 'fim-bench-'));
  const sessions: Session[] = [];
  const create = async (model: Uint8Array, options: Record<string, unknown>) => {
    const profileFilePrefix = join(folder, `s${String(sessions.length).padStart(3, '0')}-`);
    const session = await ort.InferenceSession.create(model, {
      ...options,
      enableProfiling: true,
      profileFilePrefix,
    });
    sessions.push(session);
    return session;
  };
  const module = { ...ort, InferenceSession: { ...ort.InferenceSession, create } } as unknown as OrtModule;
  return {
    module,
    stop() {
      for (const s of sessions) s.endProfiling();
      const files = readdirSync(folder).sort();
      const times = files.flatMap((file) => {
        const path = join(folder, file);
        const events = JSON.parse(readFileSync(path, 'utf8')) as TraceEvent[];
        unlinkSync(path);
        return nodeTimes(events, Number(file.slice(1, 4)));
      });
      rmdirSync(folder);
      return times;
    },
  };
}

interface TraceEvent {
  readonly name: string;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Record<string, readonly number[]>[];
    readonly output_type_shape?: readonly Record<string, readonly number[]>[];
  };
}

function nodeTimes(events: readonly TraceEvent[], session: number): NodeTime[] {
  const seen = new Map<string, { us: number[]; event: TraceEvent }>();
  for (const event of events) {
    if (!event.name.endsWith('_kernel_time')) continue;
    const before = seen.get(event.name);
    if (before) before.us.push(event.dur);
    else seen.set(event.name, { us: [event.dur], event });
  }
  const shape = (list: readonly Record<string, readonly number[]>[] = []) =>
    list.map((t) => `[${Object.values(t)[0].join(',')}]`).join(' ');
  return [...seen].map(
    ([
      name,
      {
        us,
        event: { args = {} },
      },
    ]) => ({
      session,
      name: name.replace(/_kernel_time$/, ''),
      op: args.op_name ?? '',
      shapes: `${shape(args.input_type_shape)} → ${shape(args.output_type_shape)}`,
      us: median(us),
    }),
  );
}
