import { counted, visible } from '../../shared/text.ts';
import type { Output, Sealed } from '../model/types.ts';
import { announce } from './announcer.ts';
import { create, createButton, find, newId } from './dom.ts';

/** The longest text that is shown, in UTF-16 units. A text area with a long line makes a browser slow. */
const MAX_SHOWN = 64 * 1024;
const PARTLY_SHOWN = 'Only the beginning is shown. Copy and Download take all of it.';

/** Step 5: the result, which is as public as any SealedSecret. */
export class Outputs {
  readonly #section = find('result', HTMLElement);
  readonly #title = find('result-title', HTMLElement);
  readonly #outputs = find('outputs', HTMLElement);
  /** The addresses of the downloads. */
  #urls: readonly string[] = [];

  /** Shows a result in place of an earlier one, with what was done about the values. */
  show({ outputs, messages }: Sealed, note: string): void {
    this.clear();
    const parts = outputs.map((output) => {
      const url = URL.createObjectURL(new Blob([output.text], { type: 'application/octet-stream' }));
      return { url, element: outputPart(output, url) };
    });
    this.#urls = parts.map(({ url }) => url);
    this.#outputs.replaceChildren(
      create('p', { class: 'hint' }, note),
      ...messages.map(({ severity, text }) => create('p', { class: `message ${severity}` }, text)),
      ...parts.map(({ element }) => element),
    );
    this.#section.hidden = false;
    this.#title.focus();
    announce([`Sealed: ${counted(outputs.length, 'result')}.`, note].join(' '));
  }

  clear(): void {
    this.#section.hidden = true;
    this.#outputs.replaceChildren();
    for (const url of this.#urls) URL.revokeObjectURL(url);
    this.#urls = [];
  }
}

function outputPart(output: Output, url: string): HTMLElement {
  const { certificate, fingerprint, fileName, documents, format, text } = output;
  const [title, id] = [newId(), newId()];
  const name = visible(fileName);
  const area = create('textarea', {
    id,
    readonly: true,
    rows: String(Math.min(16, text.split('\n', 16).length + 1)),
    wrap: format === 'raw' ? 'soft' : 'off',
    spellcheck: 'false',
    translate: 'no',
    'aria-labelledby': title,
  });
  area.value = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  const what = format === 'raw' ? 'Value' : counted(documents, 'SealedSecret');
  const copied = create('span', { class: 'hint' });
  // Removing items needs no certificate.
  const label = certificate === '' ? name : `${name} for ${visible(certificate)}`;
  return create(
    'div',
    { class: 'output' },
    create('h3', { id: title }, label),
    create(
      'p',
      { class: 'hint' },
      ...(fingerprint === ''
        ? [what]
        : [`${what} for the key `, create('span', { class: 'fingerprint' }, fingerprint)]),
    ),
    area,
    ...(text.length > MAX_SHOWN ? [create('p', { class: 'hint' }, PARTLY_SHOWN)] : []),
    create(
      'div',
      { class: 'actions' },
      createButton('Copy', () => void copy(text, area, copied), { 'aria-label': `Copy ${label}` }),
      create(
        'a',
        { class: 'button', href: url, download: fileName, 'aria-label': `Download ${label}` },
        'Download',
      ),
      copied,
    ),
  );
}

/** Copies a text. Where the browser does not let the page, it selects the text for the keys that copy. */
async function copy(text: string, area: HTMLTextAreaElement, status: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = 'Copied.';
  } catch {
    area.value = text;
    area.focus();
    area.select();
    status.textContent = 'The text is selected. Press Ctrl+C or ⌘C to copy it.';
  }
  announce(status.textContent);
}
