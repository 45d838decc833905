import { NEVER, type Clock } from '../../shared/clock.ts';
import type { Model } from '../model/protocol.ts';
import type { Recognized } from '../model/types.ts';
import { find } from './dom.ts';
import { UnreadableError } from './failures.ts';
import { readFile, type Content } from './files.ts';
import { ValueField } from './value-field.ts';

/** What the field needs, and what it tells. */
export interface PastedFileOptions {
  readonly clock: Clock;
  readonly model: Pick<Model, 'recognize'> & { end(): void };
  /** Called when someone enters something, or begins to give files. */
  readonly onStart: () => void;
  /** Called when the content changes, before it is known what it is. */
  readonly onChange: () => void;
  /** Called when it is known what the content is, with the names of the files that were given with it and come next. */
  readonly onRecognized: (recognized: Recognized, content: Content, next: readonly string[]) => void;
  /** Called when it takes long to know. */
  readonly onSlow: () => void;
  /** Called with what went wrong while the content was read, and with the names of the files that come next. */
  readonly onFailure: (error: unknown, next: readonly string[]) => void;
}

/** How long to wait for the rest of a text, in ms. */
const PAUSE = 50;
/** After how long to say that a text is being read, in ms. */
const SLOW = 500;

/** The field that takes what is pasted, dropped or chosen, and asks the model what it is. */
export class PastedFile {
  readonly #options: PastedFileOptions;
  readonly #field: ValueField;
  /** What the current content is; undefined until it is known. */
  #recognized: Recognized | undefined;
  #recognition: Promise<void> | undefined;
  #turns = 0;
  /** Counts what was given, so that files that are still being read do not come after it. */
  #batches = 0;
  /** The names of the files that come after the one that is being read. */
  #next: readonly string[] = [];

  constructor(options: PastedFileOptions) {
    this.#options = options;
    this.#field = new ValueField({
      label: 'Secret, SealedSecret or file',
      masked: true,
      rows: 8,
      describedBy: 'paste-hint',
      onChange: ({ typed }) => {
        options.onStart();
        this.stop();
        this.#forget();
        if (!typed) void this.#recognizeSoon();
      },
      onFiles: (files) => void this.takeFiles(files),
    });
    // What is typed is looked at when it is complete.
    this.#field.control.addEventListener('change', () => void this.recognize());
    find('paste-field', HTMLElement).append(this.#field.element);
  }

  get content(): Content | undefined {
    return this.#field.content;
  }

  get recognized(): Recognized | undefined {
    return this.#recognized;
  }

  get control(): HTMLElement {
    return this.#field.control;
  }

  /** Asks what the content is, unless that is known. Resolves when the page shows it. */
  async recognize(): Promise<void> {
    if (this.#recognized === undefined && this.content !== undefined)
      this.#recognition ??= this.#ask(this.content);
    await this.#recognition;
  }

  /** Takes files in place of the content, one after the other, until `stop`. */
  async takeFiles(files: readonly File[]): Promise<void> {
    this.#options.onStart();
    this.stop();
    const batch = this.#batches;
    for (const [index, file] of files.entries()) {
      this.#next = files.slice(index + 1).map(({ name }) => name);
      const content = await readFile(file);
      if (batch !== this.#batches) return;
      if (content === undefined) {
        this.#options.onFailure(new UnreadableError(file.name), this.#next);
        return;
      }
      this.#forget();
      this.#field.set(content);
      await this.recognize();
      if (batch !== this.#batches) return;
    }
  }

  /** Takes none of the files that are still being read. */
  stop(): void {
    this.#batches += 1;
    this.#next = [];
  }

  clear(): void {
    this.#field.clear();
    this.#forget();
  }

  /** A program may fill in a text line by line. */
  async #recognizeSoon(): Promise<void> {
    await this.#options.clock.sleep(PAUSE, NEVER);
    await this.recognize();
  }

  async #saySlow(turn: number): Promise<void> {
    await this.#options.clock.sleep(SLOW, NEVER);
    if (turn === this.#turns && this.#recognition !== undefined) this.#options.onSlow();
  }

  #forget(): void {
    this.#turns += 1;
    // An answer about what was here before is of no use, and may take long.
    if (this.#recognition !== undefined) this.#options.model.end();
    this.#recognition = undefined;
    this.#recognized = undefined;
    this.#options.onChange();
  }

  async #ask(content: Content): Promise<void> {
    const turn = this.#turns;
    void this.#saySlow(turn);
    try {
      const recognized = await this.#options.model.recognize(content);
      if (turn !== this.#turns) return;
      this.#recognized = recognized;
      this.#options.onRecognized(recognized, content, this.#next);
    } catch (error) {
      if (turn === this.#turns) this.#options.onFailure(error, this.#next);
    } finally {
      if (turn === this.#turns) this.#recognition = undefined;
    }
  }
}
