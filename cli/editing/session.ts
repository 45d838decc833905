import { decodeText } from '../../shared/manifest/read.ts';
import { YamlError } from '../../shared/manifest/yaml-error.ts';
import type { CliContext } from '../context.ts';
import { fail } from '../errors.ts';
import { parseBuffer, type BufferItems } from './buffer-text.ts';
import { runEditor, type Editor } from './editor.ts';
import type { PrivateFolder } from './private-folder.ts';

/** The text to edit, and how. */
export interface SessionOptions {
  readonly editor: Editor;
  readonly folder: PrivateFolder;
  /** The name of the buffer; editors choose the syntax by its end. */
  readonly name: string;
  readonly text: string;
  /** The names of the items that the file has. */
  readonly sealed: { has(item: string): boolean };
  /** The name of the file in messages. */
  readonly source: string;
}

/** A buffer that a user edits in an editor, as often as it takes until it can be parsed. */
export class EditSession {
  readonly #options: SessionOptions;
  readonly #file: string;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#file = options.folder.fileFor(options.name);
  }

  /**
   * Lets the user edit the text and returns its items. Offers a text that does not parse again, with the error on top.
   * Returns undefined if the user changed nothing, or deleted everything. Throws `BadBuffer` if the user leaves an error
   * as it is, `NotUtf8`, and what `runEditor` throws.
   */
  async edit(context: CliContext): Promise<BufferItems | undefined> {
    const { editor, folder, text, sealed, source } = this.#options;
    let offered: Uint8Array = Buffer.from(text);
    for (let problem: YamlError | undefined; ;) {
      await folder.write(this.#file, offered);
      await runEditor(editor, this.#file, {
        environment: context.environment,
        onStart: (child) => folder.lendTo(child),
      });
      const edited = await folder.read(this.#file);
      const isSame = edited.equals(offered);
      if (isSame && problem !== undefined) {
        const { message, line, column } = problem;
        fail({ code: 'BadBuffer', at: source, problem: message, line, column });
      }
      if (isSame) return undefined;
      const typed = decodeText(edited, 'the buffer').replace(ERROR_LINES, '');
      try {
        return parseBuffer(typed, sealed);
      } catch (error) {
        if (!(error instanceof YamlError)) throw error;
        problem = error;
        offered = Buffer.from(errorLines(error) + typed);
      }
    }
  }

  /** Whether the buffer holds something that the user typed. */
  async isTyped(): Promise<boolean> {
    try {
      return !(await this.#options.folder.read(this.#file)).equals(Buffer.from(this.#options.text));
    } catch {
      return false;
    }
  }

  /** Keeps the buffer if the user typed something, so that nothing is lost, and says where. */
  async keepTyped(context: CliContext): Promise<void> {
    if (!(await this.isTyped())) return;
    this.#options.folder.keep();
    context.warn(`(what you typed is kept in ${this.#file}: remove it when you no longer need it)`);
  }
}

const ERROR_LINES = /^(?:#! .*\r?\n)+/;

function errorLines({ message, line, column }: YamlError): string {
  const lines = [
    (at: number) => `line ${at}, column ${column}: ${message}`,
    () => 'The file is not changed yet. Correct the line and save; or leave this as it is, to give up.',
  ];
  return lines.map((words) => `#! ${words(line + lines.length)}\n`).join('');
}
