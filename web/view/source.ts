import type { Clock } from '../../shared/clock.ts';
import { counted, visible } from '../../shared/text.ts';
import type { Model } from '../model/protocol.ts';
import type {
  Field,
  FieldName,
  Input,
  Recognized,
  RecognizedItems,
  RecognizedRefused,
} from '../model/types.ts';
import { announce } from './announcer.ts';
import { DockerForm } from './docker-form.ts';
import { find, selectedRadio, selectRadio, showText } from './dom.ts';
import type { Content } from './files.ts';
import { ItemRows } from './item-rows.ts';
import { PastedFile } from './pasted-file.ts';
import { describeObjects } from './objects.ts';
import { SealedItems } from './sealed-items.ts';
import { TlsForm } from './tls-form.ts';

/** What step 2 needs, and what it tells. */
export interface SourceOptions {
  readonly clock: Clock;
  readonly model: Pick<Model, 'recognize'> & { end(): void };
  /** Called when a part of it changes. */
  readonly onChange: () => void;
  /** Called when it is something else than before, so that what was said about it no longer holds. */
  readonly onReplaced: () => void;
  /** Called when someone wants to seal with a pasted certificate. */
  readonly onCertificate: (content: Content) => void;
  /** Returns the words for an error of the model. */
  readonly describe: (error: unknown) => string;
}

/** The ways to enter what to seal. */
type Way = 'paste' | 'form' | 'docker' | 'tls';

/** Step 2: what to seal. */
export class Source {
  readonly #options: SourceOptions;
  readonly #ways = find('sources', HTMLElement);
  readonly #recognized = find('recognized', HTMLElement);
  readonly #taken = find('items-taken', HTMLElement);
  readonly #certificateFound = find('certificate-found', HTMLElement);
  readonly #name = find('name', HTMLInputElement);
  readonly #type = find('type', HTMLInputElement);
  readonly #pasted: PastedFile;
  readonly #sealed: SealedItems;
  readonly #items: ItemRows;
  readonly #docker: DockerForm;
  readonly #tls: TlsForm;

  constructor(options: SourceOptions) {
    this.#options = options;
    const { clock, model, onChange } = options;
    this.#pasted = new PastedFile({
      clock,
      model,
      onStart: () => showText(this.#taken, ''),
      onChange: () => this.#forgetRecognized(),
      onRecognized: (recognized, content) => this.#take(recognized, content),
      onSlow: () => this.#say('Reading…'),
      onFailure: (error) => {
        this.#select('paste');
        this.#say(options.describe(error), 'error');
      },
    });
    this.#sealed = new SealedItems(onChange);
    this.#items = new ItemRows(find('form-items', HTMLElement), onChange);
    this.#docker = new DockerForm(onChange);
    this.#tls = new TlsForm(onChange);
    this.#ways.addEventListener('change', () => this.#showWay());
    for (const input of [this.#name, this.#type]) input.addEventListener('input', onChange);
    find('certificate-use', HTMLButtonElement).addEventListener('click', () => this.#useCertificate());
    find('certificate-item', HTMLButtonElement).addEventListener('click', () => this.#sealCertificate());
    this.#items.ensureRow();
  }

  /** What to seal, complete or not. Asks the model first what a pasted text is. */
  async input(): Promise<Input> {
    if (this.#way === 'paste') await this.#pasted.recognize();
    const name = this.#name.value;
    switch (this.#way) {
      case 'paste':
        return this.#pastedInput();
      case 'form':
        return { kind: 'form', name, type: this.#type.value, items: this.#items.items };
      case 'docker':
        return { ...this.#docker.input, name };
      case 'tls':
        return { ...this.#tls.input, name };
    }
  }

  /** The kind of input, as far as it is known. */
  get kind(): Input['kind'] {
    if (this.#way !== 'paste') return this.#way;
    return this.#pasted.recognized?.kind === 'sealed' ? 'sealed' : 'secrets';
  }

  /** Whether there is a value anywhere, also where it is not shown. */
  get hasValues(): boolean {
    const parts = [this.#items, this.#sealed, this.#docker, this.#tls];
    return this.#pasted.content !== undefined || parts.some(({ hasValues }) => hasValues);
  }

  /** Returns the control for a field of step 2, or else the one that everything of its kind is about. */
  control({ name, index = 0 }: Field): HTMLElement | undefined {
    if (name === 'name' && this.#way !== 'paste') return this.#name;
    switch (this.kind) {
      case 'docker':
        return this.#docker.control(name);
      case 'tls':
        return this.#tls.control(name);
      case 'secrets':
        return this.#pasted.control;
      case 'form':
        return name === 'type' ? this.#type : itemControl(this.#items, name, index);
      case 'sealed':
        return itemControl(this.#sealed, name, index) ?? this.#pasted.control;
    }
  }

  /** Takes dropped files, as if they were chosen where files are pasted. */
  async takeFiles(files: readonly File[]): Promise<void> {
    this.#select('paste');
    await this.#pasted.takeFiles(files);
  }

  /** Removes the values. Names stay. */
  clearValues(): void {
    this.#pasted.stop();
    this.#pasted.clear();
    showText(this.#taken, '');
    this.#items.clearValues();
    this.#sealed.clearValues();
    this.#docker.clearValues();
    this.#tls.clearValues();
  }

  /** Removes everything. */
  clear(): void {
    this.clearValues();
    this.#items.clear();
    this.#items.ensureRow();
    this.#docker.clear();
    for (const input of [this.#name, this.#type]) input.value = '';
    this.#select('paste');
  }

  get #way(): Way {
    const selected = selectedRadio(this.#ways);
    return WAYS.find((way) => way === selected) ?? 'paste';
  }

  #select(way: Way): void {
    selectRadio(this.#ways, way);
    this.#showWay();
  }

  #showWay(): void {
    for (const way of WAYS) find(`panel-${way}`, HTMLElement).hidden = way !== this.#way;
    find('name-field', HTMLElement).hidden = this.#way === 'paste';
    find('panel-sealed', HTMLElement).hidden = this.kind !== 'sealed';
    this.#options.onReplaced();
  }

  #pastedInput(): Input {
    const file = this.#pasted.content ?? { bytes: new Uint8Array(), fileName: undefined };
    if (this.kind !== 'sealed') return { kind: 'secrets', file };
    const { object, set, remove } = this.#sealed;
    return { kind: 'sealed', file, object, set, remove };
  }

  #take(recognized: Recognized, content: Content): void {
    // Of several files, one before may have gone to the form.
    if (recognized.kind !== 'items') this.#select('paste');
    switch (recognized.kind) {
      case 'secrets':
        this.#say(describeObjects(recognized.objects, 'Secret'));
        break;
      case 'sealed':
        this.#say(describeObjects(recognized.objects, 'SealedSecret'));
        this.#sealed.show(recognized.objects);
        break;
      case 'items':
        this.#takeItems(recognized, content);
        break;
      case 'certificate':
        this.#say('This is a certificate.');
        this.#certificateFound.hidden = false;
        break;
      case 'refused':
        this.#refuse(recognized, content);
        break;
    }
    this.#options.onReplaced();
  }

  /** Keeps a text that can be corrected, such as a Secret with a mistake. Nothing is kept of files and private keys. */
  #refuse({ message: { text, code } }: RecognizedRefused, { fileName }: Content): void {
    // The Secret of a sealing key is refused without a code.
    const isCorrectable = fileName === undefined && code !== undefined && code !== PRIVATE_KEY;
    if (!isCorrectable) this.#pasted.clear();
    this.#say(text, 'error');
  }

  #takeItems({ items, messages }: RecognizedItems, { fileName }: Content): void {
    this.#pasted.clear();
    this.#items.add(items);
    this.#select('form');
    const origin = fileName === undefined ? '' : ` of ${visible(fileName)}`;
    const words = [`${counted(items.length, 'item')}${origin} added.`, ...messages.map(({ text }) => text)];
    // Several files may come at once.
    showText(this.#taken, [this.#taken.textContent, ...words].join(' ').trim());
    announce(words.join(' '));
    this.#name.focus();
  }

  #useCertificate(): void {
    const { content } = this.#pasted;
    this.#pasted.clear();
    if (content !== undefined) this.#options.onCertificate(content);
  }

  #sealCertificate(): void {
    const { content } = this.#pasted;
    if (content === undefined) return;
    this.#takeItems(
      {
        kind: 'items',
        from: 'file',
        items: [{ name: content.fileName ?? '', value: content.bytes }],
        messages: [],
      },
      content,
    );
  }

  #forgetRecognized(): void {
    this.#say('');
    this.#certificateFound.hidden = true;
    this.#sealed.clear();
    this.#options.onReplaced();
  }

  #say(text: string, severity: 'error' | 'note' = 'note'): void {
    showText(this.#recognized, text);
    this.#recognized.className = `message ${severity}`;
    if (text !== '') announce(text);
  }
}

/** The code of a text that holds a private key, which nobody should paste here. */
const PRIVATE_KEY = 'NotACertificate';

const WAYS: readonly Way[] = ['paste', 'form', 'docker', 'tls'];

/** Returns the control of an item's name or value, or the first of all items. */
function itemControl(items: ItemRows | SealedItems, name: FieldName, index: number): HTMLElement | undefined {
  switch (name) {
    case 'items':
      return items.firstControl;
    case 'item-name':
      return items.control(index, 'name');
    case 'item-value':
      return items.control(index, 'value');
    default:
      return undefined;
  }
}
