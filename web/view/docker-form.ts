import type { DockerInput, FieldName } from '../model/types.ts';
import { find } from './dom.ts';
import { ValueField } from './value-field.ts';

/** The fields of a login to a container registry. */
export class DockerForm {
  readonly #server = find('docker-server', HTMLInputElement);
  readonly #username = find('docker-username', HTMLInputElement);
  readonly #email = find('docker-email', HTMLInputElement);
  readonly #password: ValueField;

  constructor(onChange: () => void) {
    this.#password = new ValueField({ label: 'Password', masked: true, loads: false, onChange });
    find('docker-password-field', HTMLElement).append(this.#password.element);
    for (const input of [this.#server, this.#username, this.#email]) {
      input.addEventListener('input', onChange);
    }
  }

  /** What was filled in, without the name of the Secret. */
  get input(): Omit<DockerInput, 'name'> {
    return {
      kind: 'docker',
      server: this.#server.value,
      username: this.#username.value,
      password: this.#password.text,
      email: this.#email.value,
    };
  }

  get hasValues(): boolean {
    return this.#password.content !== undefined;
  }

  /** Returns the control of a field; that of the password for what is about all of them. */
  control(name: FieldName): HTMLElement {
    switch (name) {
      case 'docker-server':
        return this.#server;
      case 'docker-username':
        return this.#username;
      case 'docker-email':
        return this.#email;
      default:
        return this.#password.control;
    }
  }

  clearValues(): void {
    this.#password.clear();
  }

  clear(): void {
    this.clearValues();
    for (const input of [this.#server, this.#username, this.#email]) input.value = '';
  }
}
