import type { FieldName, TlsInput } from '../model/types.ts';
import { find } from './dom.ts';
import { ValueField } from './value-field.ts';

/** The fields of a certificate chain and its private key. */
export class TlsForm {
  readonly #certificate: ValueField;
  readonly #key: ValueField;

  constructor(onChange: () => void) {
    const shape = { rows: 4, onChange };
    this.#certificate = new ValueField({ label: 'Certificate chain (PEM)', masked: false, ...shape });
    this.#key = new ValueField({ label: 'Private key (PEM)', masked: true, ...shape });
    find('tls-certificate-field', HTMLElement).append(this.#certificate.element);
    find('tls-key-field', HTMLElement).append(this.#key.element);
  }

  /** What was filled in, without the name of the Secret. */
  get input(): Omit<TlsInput, 'name'> {
    return { kind: 'tls', certificate: this.#certificate.bytes, key: this.#key.bytes };
  }

  get hasValues(): boolean {
    return this.#certificate.content !== undefined || this.#key.content !== undefined;
  }

  /** Returns the control of a field; that of the certificate for what is about both. */
  control(name: FieldName): HTMLElement {
    return name === 'tls-key' ? this.#key.control : this.#certificate.control;
  }

  clearValues(): void {
    this.#certificate.clear();
    this.#key.clear();
  }
}
