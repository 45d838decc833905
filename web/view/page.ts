import { systemClock } from '../../shared/clock.ts';
import type { Choices, Field, Input } from '../model/types.ts';
import { announce } from './announcer.ts';
import { AutoClear } from './auto-clear.ts';
import { Certificates } from './certificates.ts';
import { find, showText } from './dom.ts';
import { takeDroppedFiles } from './drop.ts';
import { describeFailure } from './failures.ts';
import { FingerprintMemory } from './fingerprint-memory.ts';
import { FieldMessages } from './messages.ts';
import { Outputs } from './outputs.ts';
import { embeddedCertificates, fetchCertificate } from './page-certificates.ts';
import { Placement } from './placement.ts';
import { Review } from './review.ts';
import { Source } from './source.ts';
import { WorkerModel, type WorkerModelOptions } from './worker-model.ts';

const MINUTE = 60 * 1000;
/** How long values stay without a touch, and how long before that the page warns, in ms. */
const CLEAR_AFTER = 5 * MINUTE;
const CLEAR_WARNING = MINUTE;
/** How long the model may work on one input, in ms. */
const DEADLINE = 30 * 1000;

/** What to seal, and how. */
interface Order {
  readonly input: Input;
  readonly choices: Choices;
}

/** The page that seals: five steps from a certificate to a result. */
export class Page {
  readonly #model: WorkerModel;
  readonly #certificates: Certificates;
  readonly #source: Source;
  readonly #placement: Placement;
  readonly #review: Review;
  readonly #outputs = new Outputs();
  readonly #autoClear: AutoClear;
  readonly #cleared = find('cleared', HTMLElement);
  /** What the review shows, so that nothing else is sealed. Undefined once something has changed. */
  #reviewed: Order | undefined;
  #busy = false;
  /** Whether the model works on an order, which a change of the input ends. */
  #ordered = false;
  /** Settles once the certificates that came with the page are read. */
  #embedded = Promise.resolve();

  /** @param start starts a worker */
  constructor(start: WorkerModelOptions['start']) {
    this.#model = new WorkerModel({ start, clock: systemClock, deadline: DEADLINE });
    const onChange = (): void => this.#changed();
    this.#certificates = new Certificates({
      // Certificates are public, and are read while the other worker is busy or is ended.
      model: new WorkerModel({ start, clock: systemClock, deadline: DEADLINE }),
      memory: new FingerprintMemory(() => localStorage),
      onChange,
      describe: describeFailure,
    });
    this.#placement = new Placement(onChange);
    this.#review = new Review({
      messages: new FieldMessages((field) => this.#control(field)),
      onReview: () => void this.#plan(),
      onSeal: () => void this.#seal(),
      onChange,
    });
    this.#source = new Source({
      clock: systemClock,
      model: this.#model,
      onChange,
      onReplaced: () => {
        this.#review.reset();
        onChange();
      },
      onCertificate: (content) => void this.#certificates.addFile(content),
      describe: describeFailure,
    });
    this.#autoClear = new AutoClear({
      clock: systemClock,
      after: CLEAR_AFTER,
      warning: CLEAR_WARNING,
      onWarning: (due) => this.#warnOfClearing(due),
      onExpired: () =>
        this.#clearValues('The values were cleared: nobody touched the page for five minutes.'),
    });
    this.#showChoices();
    this.#listen();
  }

  /** Shows the certificates that came with the page, or the one of the controller that serves it. */
  async loadCertificates(): Promise<void> {
    this.#embedded = this.#addEmbedded();
    await this.#embedded;
    if (document.documentElement.dataset['mode'] === 'served') await this.#fetchCertificate();
  }

  async #addEmbedded(): Promise<void> {
    for (const certificate of embeddedCertificates()) await this.#certificates.add(certificate);
  }

  #listen(): void {
    find('clear', HTMLButtonElement).addEventListener('click', () => this.#clear());
    find('certificate-again', HTMLButtonElement).addEventListener(
      'click',
      () => void this.#fetchCertificate(),
    );
    takeDroppedFiles((files, target) => {
      if (target.closest('#certificate') === null) void this.#source.takeFiles(files);
      else void this.#certificates.loadFiles(files);
    });
    for (const event of ['keydown', 'pointerdown', 'input'])
      addEventListener(event, () => this.#autoClear.touch());
    document.addEventListener('visibilitychange', () => this.#autoClear.check());
    // The browser may keep the page to go back to it.
    addEventListener('pagehide', () => this.#clearValues(''));
  }

  async #fetchCertificate(): Promise<void> {
    const again = find('certificate-again', HTMLButtonElement);
    const answer = await fetchCertificate();
    this.#certificates.forgetReports();
    again.hidden = !('reason' in answer);
    if ('reason' in answer) this.#certificates.report(answer.reason);
    else await this.#certificates.add(answer);
  }

  #changed(): void {
    if (this.#ordered) this.#model.end();
    this.#reviewed = undefined;
    this.#showChoices();
    this.#review.outdate();
    this.#autoClear.touch({ start: this.#source.hasValues });
    if (this.#source.hasValues) showText(this.#cleared, '');
    else {
      this.#autoClear.stop();
      // It may hold the values that were there.
      this.#model.end();
    }
  }

  #showChoices(): void {
    const { kind } = this.#source;
    this.#placement.showFor(kind);
    this.#review.showFor(kind);
  }

  async #plan(): Promise<void> {
    await this.#whileBusy('Checking…', async () => {
      await this.#embedded;
      const order = { input: await this.#source.input(), choices: this.#choices() };
      const plan = await this.#answer(this.#model.plan(order.input, order.choices));
      this.#reviewed = order;
      this.#review.showPlan(plan);
    });
  }

  async #seal(): Promise<void> {
    const order = this.#reviewed;
    if (order === undefined) return;
    await this.#whileBusy('Sealing…', async () => {
      this.#outputs.clear();
      const result = await this.#answer(this.#model.seal(order.input, order.choices));
      this.#reviewed = undefined;
      if (result.kind === 'refused') {
        this.#review.showPlan({ targets: [], messages: result.messages });
        return;
      }
      this.#review.reset();
      if (!this.#review.keepsValues) this.#clearValues('');
      const messages = this.#review.unseen(result.messages);
      this.#outputs.show({ ...result, messages }, this.#review.keepsValues ? KEPT : CLEARED);
    });
  }

  /** Waits for the answer to an order. */
  async #answer<T>(answer: Promise<T>): Promise<T> {
    this.#ordered = true;
    try {
      return await answer;
    } finally {
      this.#ordered = false;
    }
  }

  /** Does work that takes a while, one at a time, and shows why it failed. */
  async #whileBusy(status: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#review.showBusy(status);
    try {
      await work();
      this.#review.showBusy('');
    } catch (error) {
      this.#review.showBusy('');
      this.#review.showFailure(describeFailure(error));
    } finally {
      this.#busy = false;
    }
  }

  #choices(): Choices {
    return {
      certificates: this.#certificates.selected,
      scope: this.#placement.scope,
      namespaces: this.#placement.namespaces,
      format: this.#review.format,
    };
  }

  #control(field: Field): HTMLElement | undefined {
    if (field.name === 'certificate') return this.#certificates.control(field.index);
    if (field.name === 'format') return this.#review.formatControl;
    return this.#placement.control(field) ?? this.#source.control(field);
  }

  #clear(): void {
    this.#clearValues('Everything that you entered was cleared. The certificates stay.');
    this.#source.clear();
    this.#placement.clear();
    this.#review.clear();
    this.#outputs.clear();
  }

  /** Removes the values from the page and, with its worker, from all that read them. */
  #clearValues(reason: string): void {
    this.#source.clearValues();
    this.#model.end();
    this.#autoClear.stop();
    this.#changed();
    showText(this.#cleared, reason);
    if (reason !== '') announce(reason);
  }

  #warnOfClearing(due: boolean): void {
    const notice = find('clear-notice', HTMLElement);
    notice.hidden = !due;
    if (due) announce(notice.textContent);
  }
}

const KEPT = 'The values stay in this page until you clear them, or for five minutes without a touch.';
const CLEARED = 'The values were cleared from this page.';
