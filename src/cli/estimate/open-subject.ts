/**
 * @module cli/estimate/open-subject
 *
 * A network over its data, opened with an engine, as commands take them: read, their notes said, the first examples through the network.
 */
import type { Dataset } from '../../data/dataset.js';
import type { Engine } from '../../engine/types.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { type Messages, sayEngine } from '../terminal/messages.js';
import {
  checkFirstExamples,
  type DataOptions,
  type ModelOptions,
  type OpenedModel,
  openData,
  openEngine,
  openModel,
} from './session.js';

/** Examples per pass where nothing is said. */
const BATCH = 256;

/** What a command says of them. */
export type SubjectOptions = ModelOptions &
  DataOptions &
  Omit<Parameters<typeof openEngine>[2], 'batch'> & { readonly batch?: number | undefined };

/** What a command needs of them. */
export interface SubjectNeeds {
  /** Whether the data have to have targets. */
  readonly targets?: boolean;
  /** Asked of the network before the data are read. */
  check?(network: Network): void;
}

/** Both opened; whoever opens them disposes of the engine. */
export interface OpenedSubject extends OpenedModel {
  readonly likelihood: Likelihood;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Examples per pass, at most those that there are. */
  readonly batch: number;
}

/** Opens MODEL and DATA. Throws what reading them throws. */
export async function openSubject(
  { model, data }: { readonly model: string; readonly data: string },
  options: SubjectOptions,
  messages: Messages,
  { targets = false, check }: SubjectNeeds = {},
): Promise<OpenedSubject> {
  const opened = await openModel(model, options, data);
  const { network, likelihood, loaded } = opened;
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  for (const note of opened.notes) messages.note(note);
  check?.(network);
  const dataset = await openData(data, network, options, targets, loaded);
  for (const note of dataset.notes) messages.note(note);
  likelihood.checkOutputs(network.h.shape[1] as number);
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  const { engine } = choice;
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
  } catch (e) {
    engine.dispose();
    throw e;
  }
  return { ...opened, dataset, engine, batch };
}
