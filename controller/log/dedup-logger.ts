/**
 * Logs the same message about the same subject once, until the message changes. Holds one message per subject, so callers
 * must `forget` subjects that are gone.
 */
export class DedupLogger {
  readonly #lastMessages = new Map<string, string>();

  /** Calls `write` unless `message` is the last one about the subject. */
  log(subject: string, message: string, write: () => void): void {
    if (this.#lastMessages.get(subject) === message) return;
    this.#lastMessages.set(subject, message);
    write();
  }

  /** Forgets a subject, so that its next message is logged even if it is the same. */
  forget(subject: string): void {
    this.#lastMessages.delete(subject);
  }

  /** Forgets all subjects except these. */
  keepOnly(subjects: ReadonlySet<string>): void {
    for (const subject of this.#lastMessages.keys()) {
      if (!subjects.has(subject)) this.#lastMessages.delete(subject);
    }
  }
}
