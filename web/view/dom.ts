/** Attributes by name; `true` for one without a value, and `false` for none. */
export type Attributes = Readonly<Record<string, string | boolean>>;

/** Attributes that keep a browser from storing a text, from completing it, and from sending it to a spelling service. */
export const UNASSISTED: Attributes = {
  autocomplete: 'off',
  autocapitalize: 'off',
  autocorrect: 'off',
  spellcheck: 'false',
  translate: 'no',
  writingsuggestions: 'false',
};

/** Returns the element of the page with an id. Throws `TypeError` if there is none of that type. */
export function find<E extends HTMLElement>(id: string, type: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new TypeError(`page.html has no ${type.name} "${id}"`);
  return element;
}

/** Sets attributes of an element. */
export function setAttributes(element: HTMLElement, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : value);
  }
}

/** Creates an element. Text becomes text, whatever it contains. */
export function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** Creates a button. */
export function createButton(
  text: string,
  onClick: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const element = create('button', { type: 'button', ...attributes }, text);
  element.addEventListener('click', onClick);
  return element;
}

/** Creates a button that asks for files. The label is the button, since the browser's own cannot be styled. */
export function createFileButton(
  text: string,
  onFiles: (files: readonly File[]) => void,
  attributes: Attributes = {},
): HTMLLabelElement {
  const input = create('input', { type: 'file', ...attributes });
  onChosenFiles(input, onFiles);
  return create('label', { class: 'button' }, input, text);
}

/** Calls back with the files that someone chooses, and lets the same file be chosen again. */
export function onChosenFiles(input: HTMLInputElement, onFiles: (files: readonly File[]) => void): void {
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) onFiles(files);
  });
}

let ids = 0;

/** Returns an id that no other element of the page has. */
export function newId(): string {
  ids += 1;
  return `n${ids}`;
}

/** Returns the value of the selected radio button in an element. */
export function selectedRadio(group: HTMLElement): string {
  const selected = group.querySelector('input:checked');
  return selected instanceof HTMLInputElement ? selected.value : '';
}

/** Selects a radio button in an element by its value. */
export function selectRadio(group: HTMLElement, value: string): void {
  for (const input of group.querySelectorAll('input')) input.checked = input.value === value;
}

/** Sets a text, and hides the element if it is empty. */
export function showText(element: HTMLElement, text: string): void {
  element.textContent = text;
  element.hidden = text === '';
}
