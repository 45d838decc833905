import { visible } from '../../shared/text.ts';
import { MAX_PASTED } from '../model/pasted-limit.ts';
import { create, createButton, createFileButton, newId, showText, UNASSISTED } from './dom.ts';
import { describeTooLarge, describeUnreadable } from './failures.ts';
import { byteCount, readFile, type Content } from './files.ts';

/** How a value changed. */
export interface Change {
  /** Whether it was a key press, which others may follow, and not a paste or a file. */
  readonly typed: boolean;
}

/** A field for a value. */
export interface ValueFieldOptions {
  readonly label: string;
  /** Whether the value is hidden until someone asks for it. */
  readonly masked: boolean;
  /** Called when the value changes. */
  readonly onChange: (change: Change) => void;
  readonly rows?: number;
  /** The id of a text about the field. */
  readonly describedBy?: string;
  /** Takes chosen files in place of the field. */
  readonly onFiles?: (files: readonly File[]) => void;
  /** Whether files can be loaded. Defaults to true. */
  readonly loads?: boolean;
}

/** The longest text that is shown, in UTF-16 units. A text area with a long one makes a browser slow. */
const MAX_SHOWN = 64 * 1024;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A field for a value that is typed, pasted or loaded from a file. What a text area would change, such as binary data
 * or a line break of Windows, is kept as bytes, of which only the size is shown.
 */
export class ValueField {
  readonly element: HTMLElement;
  /** The text area. */
  readonly control: HTMLTextAreaElement;
  readonly #onChange: (change: Change) => void;
  readonly #hintsAtPadding: boolean;
  readonly #held = create('p', { class: 'held', hidden: true });
  /** What a masked value does not show. */
  readonly #hint = create('p', { class: 'hint', id: newId(), hidden: true });
  readonly #show: HTMLButtonElement;
  readonly #discard: HTMLButtonElement;
  #content: Content | undefined;
  #readings = 0;

  constructor(options: ValueFieldOptions) {
    const { label, masked, onChange, rows = 1, describedBy, onFiles, loads = true } = options;
    this.#onChange = onChange;
    this.#hintsAtPadding = masked && rows === 1;
    const id = newId();
    this.control = create('textarea', {
      id,
      rows: String(rows),
      class: [...(masked ? ['masked'] : []), ...(rows > 1 ? ['tall'] : [])].join(' '),
      'aria-describedby': describedBy ?? this.#hint.id,
      ...UNASSISTED,
    });
    this.control.addEventListener('input', (event) => this.#entered(event));
    this.control.addEventListener('beforeinput', (event) => this.#takeLong(event));
    this.#show = createButton('Show', () => this.#setShown(this.control.classList.contains('masked')), {
      'aria-pressed': 'false',
      'aria-label': `Show: ${label}`,
      'aria-controls': id,
    });
    this.#show.hidden = !masked;
    this.#discard = createButton('Discard', () => this.#discarded(), { 'aria-label': `Discard: ${label}` });
    this.#discard.hidden = true;
    const files = createFileButton('Load a file', onFiles ?? ((chosen) => void this.#load(chosen)), {
      'aria-label': `Load a file: ${label}`,
      multiple: onFiles !== undefined,
    });
    this.element = create(
      'div',
      { class: 'field' },
      create('label', { for: id }, label),
      this.control,
      this.#held,
      this.#hint,
      create('div', { class: 'actions small' }, this.#show, ...(loads ? [files] : []), this.#discard),
    );
    if (loads && onFiles === undefined)
      this.element.addEventListener('drop', (event) => this.#takeDropped(event));
  }

  /** The value; undefined if nothing was entered. */
  get content(): Content | undefined {
    if (this.#content !== undefined) return this.#content;
    const text = this.control.value;
    return text === '' ? undefined : { bytes: utf8.encode(text), fileName: undefined };
  }

  /** The value, which is empty if nothing was entered. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.content?.bytes ?? new Uint8Array();
  }

  /** The value as text. */
  get text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes);
  }

  /** Sets the value. It is shown as text if a text area keeps it as it is. */
  set(content: Content): void {
    const text = content.fileName === undefined ? editableText(content.bytes) : undefined;
    if (text === undefined) this.#hold(content);
    else {
      this.#forget();
      this.control.value = text;
      this.#showHint();
    }
  }

  /** Removes the value and hides what is typed next. */
  clear(): void {
    this.#forget();
    this.control.value = '';
    if (!this.#show.hidden || this.#content !== undefined) this.#setShown(false);
  }

  #entered(event: Event): void {
    const text = this.control.value;
    if (text.length > MAX_SHOWN) this.#hold({ bytes: utf8.encode(text), fileName: undefined });
    this.#showHint();
    this.#onChange({ typed: isTyped(event) });
  }

  /** Takes a long text, such as a pasted one, before the text area shows it. */
  #takeLong(event: InputEvent): void {
    const text = event.data ?? '';
    if (text.length <= MAX_SHOWN) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = this.control;
    const whole = value.slice(0, selectionStart) + text + value.slice(selectionEnd);
    this.#hold({ bytes: utf8.encode(whole), fileName: undefined });
    this.#onChange({ typed: false });
  }

  /** Takes a dropped file before the page does. Leaves several files to the page: a value is one file. */
  #takeDropped(event: DragEvent): void {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length !== 1) return;
    event.preventDefault();
    void this.#load(files);
  }

  async #load([file]: readonly File[]): Promise<void> {
    if (file === undefined) return;
    this.#readings += 1;
    const reading = this.#readings;
    const content = await readFile(file);
    // The field was cleared, or another file was chosen.
    if (reading !== this.#readings) return;
    if (content === undefined) showText(this.#held, describeUnreadable(file.name));
    else if (content.bytes.length > MAX_PASTED) showText(this.#held, describeTooLarge(file.name));
    else this.#hold(content);
    this.#onChange({ typed: false });
  }

  #hold(content: Content): void {
    this.#forget();
    this.#content = content;
    this.control.value = '';
    this.control.hidden = true;
    this.#show.disabled = true;
    this.#discard.hidden = false;
    const { fileName, bytes } = content;
    const what = fileName === undefined ? 'A text or binary value' : visible(fileName);
    showText(this.#held, `${what}, ${byteCount(bytes.length)}`);
  }

  #forget(): void {
    this.#readings += 1;
    this.#content = undefined;
    this.control.hidden = false;
    this.#show.disabled = false;
    this.#discard.hidden = true;
    showText(this.#held, '');
    showText(this.#hint, '');
  }

  #showHint(): void {
    const isPadded = this.#hintsAtPadding && /^\s|\s$/.test(this.control.value);
    showText(this.#hint, isPadded ? 'Starts or ends with a space or a line break.' : '');
  }

  #discarded(): void {
    this.clear();
    this.control.focus();
    this.#onChange({ typed: false });
  }

  #setShown(shown: boolean): void {
    this.control.classList.toggle('masked', !shown);
    this.#show.setAttribute('aria-pressed', String(shown));
  }
}

/** Returns the text of a value, unless a text area would change or hide a part of it. */
function editableText(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_SHOWN) return undefined;
  try {
    const text = strictUtf8.decode(bytes);
    return /[^\P{Cc}\n\t]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Whether an input event is a key press. A program that fills in a field, such as a password manager, is like a paste. */
function isTyped(event: Event): boolean {
  if (!(event instanceof InputEvent)) return false;
  if (event.inputType === 'insertText') return (event.data ?? '').length <= 1;
  return /^(?:insertLineBreak|insertCompositionText|delete)/.test(event.inputType);
}
