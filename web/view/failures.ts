import { visible } from '../../shared/text.ts';
import { UnansweredError, type Unanswered } from './worker-model.ts';

/** A file that the browser cannot read, such as a folder. Its message is for people. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';

  constructor(fileName: string) {
    super(describeUnreadable(fileName));
  }
}

/** Returns the words for a file that the browser cannot read. */
export function describeUnreadable(fileName: string): string {
  return `The file ${visible(fileName)} cannot be read.`;
}

/** Returns the words for a file that is too large for a value. */
export function describeTooLarge(fileName: string): string {
  return `The file ${visible(fileName)} is larger than 16 MiB.`;
}

/** Returns the words for what went wrong outside the model. Messages of other errors may quote values. */
export function describeFailure(error: unknown): string {
  if (error instanceof UnreadableError) return error.message;
  return error instanceof UnansweredError ? UNANSWERED[error.reason] : UNANSWERED.broken;
}

const UNANSWERED: Readonly<Record<Unanswered, string>> = {
  deadline: 'This takes too long, and was stopped. Is the input what you meant?',
  broken: 'Something in this page broke. Load it again, and please report it if that does not help.',
  ended: 'This was stopped, since the input has changed.',
};
