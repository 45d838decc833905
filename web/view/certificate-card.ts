import { dayOf } from '../../shared/input/certificate-warnings.ts';
import { visible } from '../../shared/text.ts';
import type { CertificateSummary } from '../model/types.ts';
import { create, createButton, newId } from './dom.ts';
import type { Comparison } from './fingerprint-memory.ts';

/** What a card is told, and what it tells. */
export interface CertificateCardOptions {
  readonly comparison: Comparison;
  /** Called when the fingerprint may be remembered: at once, or when someone has confirmed a change. */
  readonly onAccepted: () => void;
  /** Called when the certificate is selected or not any more. */
  readonly onChange: () => void;
}

/** One certificate: its name, its fingerprint, how long it is valid, and whether it is the one of last time. */
export class CertificateCard {
  readonly summary: CertificateSummary;
  readonly element: HTMLElement;
  /** The checkbox. */
  readonly control: HTMLInputElement;
  /** What a screen reader says when the card appears. */
  readonly announcement: string;

  constructor(summary: CertificateSummary, options: CertificateCardOptions) {
    this.summary = summary;
    const { fingerprint, notAfter, messages } = summary;
    const name = visible(summary.name);
    const { comparison, onAccepted, onChange } = options;
    const usable = messages.every(({ severity }) => severity !== 'error');
    const changed = usable && comparison.kind === 'changed';
    const id = newId();
    const details = newId();
    this.control = create('input', { type: 'checkbox', id, 'aria-describedby': details });
    this.control.disabled = !usable || changed;
    this.control.checked = usable && !changed;
    this.control.addEventListener('change', onChange);
    const seen = create('p', { class: 'hint' }, usable && !changed ? SEEN[comparison.kind] : '');
    this.element = create(
      'div',
      { class: 'certificate' },
      create('label', { class: 'check', for: id }, this.control, create('b', {}, name)),
      create(
        'div',
        { id: details },
        create('p', { class: 'fingerprint' }, fingerprint),
        create('p', { class: 'hint' }, `Valid until ${dayOf(notAfter)}`),
        seen,
        ...messages.map(({ severity, text }) => create('p', { class: `message ${severity}` }, text)),
      ),
    );
    this.announcement = changed
      ? `The certificate of ${name} has changed. Confirm it before you seal.`
      : [`Certificate ${name}`, ...messages.map(({ text }) => text)].join('. ');
    if (changed) this.#askToConfirm(comparison.before, seen, options);
    else if (usable) onAccepted();
  }

  /** Whether to seal with this certificate. */
  get isSelected(): boolean {
    return this.control.checked;
  }

  #askToConfirm(before: string, seen: HTMLElement, { onAccepted, onChange }: CertificateCardOptions): void {
    const { fingerprint } = this.summary;
    const title = newId();
    const confirm = createButton('The new fingerprint is right', () => {
      notice.remove();
      this.control.disabled = false;
      this.control.checked = true;
      seen.textContent = 'You confirmed this fingerprint.';
      onAccepted();
      onChange();
      this.control.focus();
    });
    const notice = create(
      'div',
      { class: 'notice warning', role: 'group', 'aria-labelledby': title },
      create('h3', { id: title }, `The certificate of ${visible(this.summary.name)} has changed`),
      create(
        'dl',
        {},
        create('dt', {}, 'Before'),
        create('dd', { class: 'fingerprint' }, before),
        create('dt', {}, 'Now'),
        create('dd', { class: 'fingerprint' }, fingerprint),
      ),
      create(
        'p',
        {},
        'A cluster gets a new key from time to time, so this may be as it should. It may also be the certificate of ' +
          'someone who wants to read your values. Ask whoever runs the cluster for its fingerprint, and compare the two.',
      ),
      confirm,
    );
    this.element.append(notice);
  }
}

const SEEN: Readonly<Record<Comparison['kind'], string>> = {
  new:
    'This browser sees this certificate for the first time. Ask whoever runs the cluster for its fingerprint, and ' +
    'compare the two.',
  same: 'The same certificate as last time.',
  changed: '',
};
