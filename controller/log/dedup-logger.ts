/**
 * Says the same thing about the same subject once, until something else is said of it. Keeps the last words of each
 * subject until it is forgotten: a caller forgets what is gone.
 */
export class DedupLogger {
  readonly #said = new Map<string, string>();

  log(subject: string, words: string, say: () => void): void {
    if (this.#said.get(subject) === words) return;
    this.#said.set(subject, words);
    say();
  }

  forget(subject: string): void {
    this.#said.delete(subject);
  }

  /** Forgets all subjects but these. */
  keepOnly(subjects: ReadonlySet<string>): void {
    for (const subject of this.#said.keys()) if (!subjects.has(subject)) this.#said.delete(subject);
  }
}
