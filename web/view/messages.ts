import type { Field, Message } from '../model/types.ts';
import { create, newId } from './dom.ts';

/** Returns the control that a field of the model is, if the page shows it now. */
export type FindControl = (field: Field) => HTMLElement | undefined;

/** Shows messages beside the controls that they are about. */
export class FieldMessages {
  readonly #find: FindControl;
  #undo: (() => void)[] = [];

  constructor(find: FindControl) {
    this.#find = find;
  }

  /** Shows messages in place of those before. */
  show(messages: readonly Message[]): void {
    this.clear();
    for (const message of messages) {
      const control = this.#find(message.field);
      if (control !== undefined) this.#attach(message, control);
    }
  }

  clear(): void {
    for (const undo of this.#undo) undo();
    this.#undo = [];
  }

  /** Returns a list of messages, each of which leads to its control. */
  list(messages: readonly Message[]): HTMLElement[] {
    return messages.map((message) => {
      const control = this.#find(message.field);
      return create('li', {}, control === undefined ? message.text : linkTo(control, message.text));
    });
  }

  #attach({ severity, text }: Message, control: HTMLElement): void {
    // A button may be in its own label, which a message would become a part of.
    const beside =
      control.closest('.certificate, .field, fieldset, [role="group"]') ??
      control.closest('.actions')?.parentElement;
    // A certificate has the same warnings from the start.
    if (saysAlready(control.closest('.certificate'), text)) return;
    const id = newId();
    const note = create('p', { class: `message ${severity}`, id }, text);
    beside?.append(note);
    const before = control.getAttribute('aria-describedby');
    control.setAttribute('aria-describedby', before === null ? id : `${before} ${id}`);
    const invalid = severity === 'error' && !control.hasAttribute('aria-invalid') && isTextControl(control);
    if (invalid) control.setAttribute('aria-invalid', 'true');
    this.#undo.unshift(() => {
      note.remove();
      if (before === null) control.removeAttribute('aria-describedby');
      else control.setAttribute('aria-describedby', before);
      if (invalid) control.removeAttribute('aria-invalid');
    });
  }
}

/** Whether a message is in an element. */
function saysAlready(element: Element | null, text: string): boolean {
  return [...(element?.querySelectorAll('.message') ?? [])].some((each) => each.textContent === text);
}

/** Only these may be invalid, as ARIA defines it. */
function isTextControl(control: HTMLElement): boolean {
  return control instanceof HTMLInputElement
    ? control.type === 'text' || control.type === 'checkbox'
    : control instanceof HTMLTextAreaElement || control instanceof HTMLSelectElement;
}

/** A link that leaves no trace in the address of the page. */
function linkTo(control: HTMLElement, text: string): HTMLAnchorElement {
  if (control.id === '') control.id = newId();
  const link = create('a', { href: `#${control.id}` }, text);
  link.addEventListener('click', (event) => {
    event.preventDefault();
    control.focus();
    control.scrollIntoView({ block: 'center' });
  });
  return link;
}
