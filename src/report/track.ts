/**
 * @module report/track
 *
 * Figures of what was tracked during a training: by layer over the steps, with two standard errors over the inputs.
 */
import type { TrackedLayer, TrackedStep } from '../jobs/track.js';
import type { Content } from './markup.js';
import { HALF, type StudyFigure, type StudyPage, xyStudyFigure } from './study-page.js';

type Field = 'fisher' | 'sd1' | 'sd2' | 'bound1' | 'bound2';

const FIGURES: readonly { field: Field; title: string; label: string }[] = [
  { field: 'fisher', title: 'Fisher', label: 'mean F' },
  { field: 'sd1', title: 'Deviation of type 1', label: 'mean √V₁' },
  { field: 'sd2', title: 'Deviation of type 2', label: 'mean √V₂' },
  { field: 'bound1', title: 'Bound of type 1', label: 'mean √bound' },
  { field: 'bound2', title: 'Bound of type 2', label: 'mean √bound' },
];

export function trackPage(
  steps: readonly TrackedStep[],
  words: { readonly kicker: string; readonly lead: Content; readonly footer: string },
): StudyPage {
  const layers = steps[0].layers.map((l) => l.layer);
  const figures = FIGURES.map(({ field, title, label }) => {
    const caption =
      'One label at an input, mean over the diagonal of the layer. Bands are two standard errors over the inputs. What is exactly zero is not drawn.';
    return xyStudyFigure(field, caption, {
      ...HALF,
      title,
      description: `${title} by layer over the steps of training.`,
      x: { label: 'step', kind: 'linear', fromZero: true },
      y: { label, kind: 'log' },
      series: layers.map((name, i) => ({
        name,
        draw: 'line',
        points: steps.flatMap((s) => pointOf(s, s.layers[i], field)),
      })),
    });
  });
  return {
    title: 'The Fisher during training',
    ...words,
    sections: [
      { id: 'layers', title: 'By layer', figures: figures.filter((f): f is StudyFigure => f !== null) },
    ],
  };
}

function pointOf({ step }: TrackedStep, layer: TrackedLayer, field: Field) {
  const y = layer[field];
  if (y === null || !(y > 0)) return [];
  const se = layer[`${field}_se`];
  if (se === null) return [{ x: step, y }];
  // A lower end at or below zero would leave a logarithmic axis.
  return [{ x: step, y, low: Math.max(y / 10, y - 2 * se), high: y + 2 * se }];
}
