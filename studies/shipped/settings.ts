/**
 * @module studies/shipped/settings
 *
 * Settings of each listed network as a user gives them: the lengths that its file leaves open, constants, and the law of its output where it
 * has one.
 */
import type { Shipped } from './list.js';

/** How a file is read and estimated. */
export interface Settings {
  /** As `inputShape` of `openNetwork`. */
  readonly inputShape?: Readonly<Record<string, string>>;
  readonly constant?: Readonly<Record<string, number>>;
  readonly output?: string;
  /** Law of the output; absent: features or pictures, of which no law is known, and no Fisher is estimated. */
  readonly likelihood?: 'categorical' | 'bernoulli' | 'gaussian';
  readonly outputIs?: 'as-it-stands';
}

const line = (height: number, width: number): Settings => ({
  inputShape: { x: `N,3,${height},${width}` },
  likelihood: 'categorical',
});
const silero = (sr: boolean): Settings => ({
  inputShape: { input: 'N,512' },
  ...(sr ? { constant: { sr: 16000 } } : {}),
  output: 'output',
  likelihood: 'bernoulli',
});
const face = (output: string): Settings => ({ output, likelihood: 'gaussian', outputIs: 'as-it-stands' });

const BY_FAMILY: Readonly<Record<string, Settings>> = {
  'Silero VAD 4': silero(true),
  'Silero VAD 5': { ...silero(true), inputShape: { input: 'N,576', state: '2,N,128' } },
  'Silero VAD 5, 16 kHz, opset 15': { ...silero(true), inputShape: { input: 'N,576' } },
  'Silero VAD 5, half precision': { ...silero(false), inputShape: { input: 'N,576' } },
  'Silero VAD 5, opset 18': { ...silero(true), inputShape: { input: 'N,576' } },
  'openWakeWord, two layers': { likelihood: 'bernoulli' },
  'openWakeWord, two models': { likelihood: 'gaussian' },
  'openWakeWord, normalised layers': { likelihood: 'bernoulli' },
  'openWakeWord, several classes': { likelihood: 'categorical', outputIs: 'as-it-stands' },
  'mel spectrogram': { inputShape: { input: 'N,1760' } },
  'PP-OCR 4 detection': { inputShape: { x: 'N,3,64,64' }, likelihood: 'bernoulli' },
  'PP-OCR 4 recognition, opset 9': line(48, 64),
  'PP-OCR 2 orientation': line(48, 192),
  'PP-OCR 4 recognition, opset 12': line(48, 64),
  'PP-OCR 4 recognition, English': line(48, 64),
  'PP-OCR 3 recognition, Latin': line(48, 64),
  'PP-OCR 3 recognition, Korean': line(48, 64),
  'BlazeFace, front': { output: 'Identity:0', likelihood: 'bernoulli' },
  'BlazeFace, back': { output: 'Identity:0', likelihood: 'bernoulli' },
  'ddddocr recognition': { inputShape: { input1: 'N,1,64,96' } },
  'detypify symbols': { likelihood: 'categorical' },
  'face age': face('prob_stage_1'),
  'face detect': { output: 'scores', likelihood: 'categorical' },
  'face expression': { likelihood: 'categorical' },
  'face eye': { likelihood: 'categorical' },
  'face gender': face('prob_stage_1'),
  'face liveness': { likelihood: 'categorical' },
  'face pose': { output: 'output', likelihood: 'categorical' },
  'RetinaFace, MobileNet 0.25': { output: 'face_rpn_bbox_pred_stride32' },
  'Hybrid Transformer Demucs': { output: 'output' },
};

/** Settings of a listed file. */
export const settingsOf = ({ family }: Shipped): Settings => BY_FAMILY[family] ?? {};
