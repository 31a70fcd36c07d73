/**
 * @module core/sent-error
 *
 * Serialises errors between threads. A FimError keeps its parts; anything else is sent as its stack, or as text.
 */
import { errorStack } from './error-text.js';
import { type Complaint, FimError } from './errors.js';

export type SentError = { readonly complaint: Complaint } | { readonly text: string };

export function sentError(error: unknown): SentError {
  if (error instanceof FimError) return { complaint: error.complaint };
  return { text: errorStack(error) };
}

/** The error that was sent; `failure` names one that was no complaint. */
export function revivedError(sent: SentError, failure: (text: string) => FimError): FimError {
  return 'complaint' in sent ? new FimError(sent.complaint) : failure(sent.text);
}
