import type { Input, Message, OutputFormat, Plan } from '../model/types.ts';
import { announce } from './announcer.ts';
import { find, selectedRadio, selectRadio } from './dom.ts';
import type { FieldMessages } from './messages.ts';
import { targetTables } from './target-table.ts';

/** What step 4 needs, and what it tells. */
export interface ReviewOptions {
  readonly messages: FieldMessages;
  /** Called when someone asks what will be sealed. */
  readonly onReview: () => void;
  /** Called when someone agrees to it. */
  readonly onSeal: () => void;
  /** Called when another form of the result is chosen. */
  readonly onChange: () => void;
}

/** Step 4: what will be sealed, before it is. */
export class Review {
  readonly #messages: FieldMessages;
  readonly #formats = find('formats', HTMLElement);
  readonly #fixed = find('format-fixed', HTMLElement);
  readonly #keep = find('keep', HTMLInputElement);
  readonly #review = find('review', HTMLButtonElement);
  readonly #seal = find('seal', HTMLButtonElement);
  readonly #status = find('review-status', HTMLElement);
  readonly #problems = find('problems', HTMLElement);
  readonly #warnings = find('warnings', HTMLElement);
  readonly #plan = find('plan', HTMLElement);
  readonly #targets = find('targets', HTMLElement);
  /** The texts of the messages of the plan. */
  #shown: ReadonlySet<string> = new Set();

  constructor({ messages, onReview, onSeal, onChange }: ReviewOptions) {
    this.#messages = messages;
    this.#review.addEventListener('click', onReview);
    this.#seal.addEventListener('click', onSeal);
    this.#formats.addEventListener('change', onChange);
  }

  /** Offers the forms of the result that there are for a kind of input. */
  showFor(kind: Input['kind']): void {
    this.#formats.hidden = kind === 'sealed';
    this.#fixed.hidden = kind !== 'sealed';
  }

  /** The form of the result. */
  get format(): OutputFormat {
    const selected = selectedRadio(this.#formats);
    return FORMATS.find((format) => format === selected) ?? 'yaml';
  }

  /** Whether the values stay in the page after sealing. */
  get keepsValues(): boolean {
    return this.#keep.checked;
  }

  /** The control for the form of the result. */
  get formatControl(): HTMLElement | undefined {
    const selected = this.#formats.querySelector('input:checked');
    return selected instanceof HTMLElement ? selected : undefined;
  }

  /** Shows that the model works, and takes no further order until it has ended. */
  showBusy(text: string): void {
    this.#status.textContent = text;
    this.#review.setAttribute('aria-disabled', String(text !== ''));
    this.#seal.setAttribute('aria-disabled', String(text !== ''));
    if (text !== '') announce(text);
  }

  /** Shows a plan, or what is wrong with the input. */
  showPlan({ targets, messages }: Plan): void {
    this.reset();
    this.#messages.show(messages);
    this.#shown = new Set(messages.map(({ text }) => text));
    const errors = messages.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      this.showErrors(errors);
      return;
    }
    const others = messages.filter(({ severity }) => severity !== 'error');
    this.#warnings.querySelector('ul')?.replaceChildren(...this.#messages.list(others));
    this.#warnings.hidden = others.length === 0;
    this.#targets.replaceChildren(...targetTables(targets));
    this.#plan.hidden = false;
    find('plan-title', HTMLElement).focus();
  }

  /** Returns the messages that the plan did not show, such as those about the size of the result. */
  unseen(messages: readonly Message[]): readonly Message[] {
    return messages.filter(({ text }) => !this.#shown.has(text));
  }

  /** Shows errors, with a link to the control of each. */
  showErrors(errors: readonly Message[]): void {
    this.#problems.querySelector('ul')?.replaceChildren(...this.#messages.list(errors));
    this.#problems.hidden = false;
    this.#problems.focus();
  }

  /** Shows a failure that no control is to blame for. */
  showFailure(text: string): void {
    this.#status.textContent = text;
    announce(text);
  }

  /** Takes back the plan, since a part of the input has changed. Messages stay until they are looked at again. */
  outdate(): void {
    this.#plan.hidden = true;
    this.#status.textContent = '';
  }

  /** Takes back all that was shown, since the input is another one now. */
  reset(): void {
    this.outdate();
    this.#messages.clear();
    this.#problems.hidden = true;
  }

  /** Forgets the choices. */
  clear(): void {
    this.reset();
    selectRadio(this.#formats, 'yaml');
    this.#keep.checked = false;
  }
}

const FORMATS: readonly OutputFormat[] = ['yaml', 'json', 'raw'];
