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
import { asItem, notTaken, withNotTaken } from './given-files.ts';
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
  readonly #found = find('found', HTMLElement);
  readonly #certificateFound = find('found-certificate', HTMLButtonElement);
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
      onRecognized: (recognized, content, next) => this.#take(recognized, content, next),
      onSlow: () => this.#say('Reading…'),
      onFailure: (error, next) => this.#fail(error, next),
    });
    this.#sealed = new SealedItems(onChange);
    this.#items = new ItemRows(find('form-items', HTMLElement), onChange);
    this.#docker = new DockerForm(onChange);
    this.#tls = new TlsForm(onChange);
    this.#ways.addEventListener('change', () => this.#showWay());
    for (const input of [this.#name, this.#type]) input.addEventListener('input', onChange);
    this.#certificateFound.addEventListener('click', () => this.#useCertificate());
    find('found-item', HTMLButtonElement).addEventListener('click', () => this.#sealAsItem());
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

  /** Takes what is known now. Of several files, those that are items are put together, and any other is taken alone. */
  #take(recognized: Recognized, content: Content, next: readonly string[]): void {
    if (recognized.kind === 'items') return this.#takeItems(recognized, content);
    const isOneOfSeveral = this.#hasTaken || next.length > 0;
    // A certificate among other files is an item, not the certificate to seal with.
    if (recognized.kind === 'certificate' && isOneOfSeveral) return this.#takeItems(asItem(content), content);
    this.#pasted.stop();
    if (this.#hasTaken) {
      this.#pasted.clear();
      this.#tellTaken([notTaken([content.fileName ?? '', ...next])]);
      return;
    }
    this.#select('paste');
    switch (recognized.kind) {
      case 'secrets':
        this.#say(withNotTaken(describeObjects(recognized.objects, 'Secret'), next));
        break;
      case 'sealed':
        this.#say(withNotTaken(describeObjects(recognized.objects, 'SealedSecret'), next));
        this.#sealed.show(recognized.objects);
        break;
      case 'certificate':
        this.#say('This is a certificate.');
        this.#offer({ certificate: true });
        break;
      case 'refused':
        this.#refuse(recognized, content, next);
        break;
    }
    this.#options.onReplaced();
  }

  #fail(error: unknown, next: readonly string[]): void {
    const words = withNotTaken(this.#options.describe(error), next);
    this.#pasted.stop();
    if (this.#hasTaken) {
      this.#pasted.clear();
      this.#tellTaken([words]);
      return;
    }
    this.#select('paste');
    this.#say(words, 'error');
  }

  /** Keeps a text that can be corrected, and a file that can be an item. */
  #refuse(
    { message: { text, code } }: RecognizedRefused,
    { fileName }: Content,
    next: readonly string[],
  ): void {
    // A private key is refused without a code. Of what is too large, a part was read.
    const isKept = code !== undefined && code !== TOO_LARGE;
    if (!isKept) this.#pasted.clear();
    this.#say(withNotTaken(text, next), 'error');
    if (isKept && fileName !== undefined) this.#offer({ certificate: false });
  }

  #takeItems({ items, messages }: RecognizedItems, { fileName }: Content): void {
    this.#pasted.clear();
    this.#items.add(items);
    this.#select('form');
    const origin = fileName === undefined ? '' : ` of ${visible(fileName)}`;
    const words = [`${counted(items.length, 'item')}${origin} added.`, ...messages.map(({ text }) => text)];
    this.#tellTaken(words);
    this.#name.focus();
  }

  /** Whether files that were given together have become items. */
  get #hasTaken(): boolean {
    return this.#taken.textContent !== '';
  }

  #tellTaken(words: readonly string[]): void {
    showText(this.#taken, [this.#taken.textContent, ...words].join(' ').trim());
    announce(words.join(' '));
  }

  /** Offers what else a file can be. */
  #offer({ certificate }: { readonly certificate: boolean }): void {
    this.#found.hidden = false;
    this.#certificateFound.hidden = !certificate;
  }

  #useCertificate(): void {
    const { content } = this.#pasted;
    this.#pasted.clear();
    if (content !== undefined) this.#options.onCertificate(content);
  }

  #sealAsItem(): void {
    const { content } = this.#pasted;
    if (content !== undefined) this.#takeItems(asItem(content), content);
  }

  #forgetRecognized(): void {
    this.#say('');
    this.#found.hidden = true;
    this.#sealed.clear();
    this.#options.onReplaced();
  }

  #say(text: string, severity: 'error' | 'note' = 'note'): void {
    showText(this.#recognized, text);
    this.#recognized.className = `message ${severity}`;
    if (text !== '') announce(text);
  }
}

/** The code of a text or file of which only a part was read. */
const TOO_LARGE = 'TooLarge';

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
