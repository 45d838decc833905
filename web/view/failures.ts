import { UnreadableError } from './pasted-file.ts';
import { UnansweredError, type Unanswered } from './worker-model.ts';

/** Returns the words for what went wrong outside the model. Messages of other errors may quote values. */
export function describeFailure(error: unknown): string {
  if (error instanceof UnreadableError) return error.message;
  return error instanceof UnansweredError ? UNANSWERED[error.reason] : UNANSWERED.broken;
}

const UNANSWERED: Readonly<Record<Unanswered, string>> = {
  deadline: 'This takes too long, and was stopped. Is the input what you meant?',
  broken: 'Something in this page broke. Load it again, and please report it if that does not help.',
  ended: 'This was stopped, since the input was cleared.',
};
