/** Says the same thing about the same subject once, until something else was said of it. */
export class Once {
  readonly #said = new Map<string, string>();

  say(subject: string, words: string, say: () => void): void {
    if (this.#said.get(subject) === words) return;
    this.#said.set(subject, words);
    say();
  }

  forget(subject: string): void {
    this.#said.delete(subject);
  }
}
