import type { Field, Input, Scope } from '../model/types.ts';
import { find, selectedRadio, selectRadio } from './dom.ts';

/** Step 3: the scope and the namespaces. */
export class Placement {
  readonly #choices = find('place', HTMLElement);
  readonly #fixed = find('place-fixed', HTMLElement);
  readonly #namespaces = find('namespaces', HTMLInputElement);
  readonly #hint = find('namespaces-hint', HTMLElement);
  readonly #scopes = find('scopes', HTMLElement);
  readonly #annotations = find('scope-annotations', HTMLElement);
  #kind: Input['kind'] | undefined;

  /** @param onChange called when a choice changes */
  constructor(onChange: () => void) {
    this.#scopes.addEventListener('change', onChange);
    this.#namespaces.addEventListener('input', onChange);
  }

  /** The namespaces; empty for those of the pasted Secrets. */
  get namespaces(): readonly string[] {
    return this.#namespaces.value.split(/[\s,;]+/).filter((name) => name !== '');
  }

  /** The scope; undefined for the one that the Secrets say. */
  get scope(): Scope | undefined {
    const selected = selectedRadio(this.#scopes);
    return SCOPES.find((scope) => scope === selected);
  }

  /** Offers the choices that there are for a kind of input. */
  showFor(kind: Input['kind']): void {
    if (kind === this.#kind) return;
    this.#kind = kind;
    const pasted = kind === 'secrets';
    this.#fixed.hidden = kind !== 'sealed';
    this.#choices.hidden = kind === 'sealed';
    this.#annotations.hidden = !pasted;
    if (pasted) selectRadio(this.#scopes, '');
    else if (this.scope === undefined) selectRadio(this.#scopes, 'strict');
    this.#hint.textContent = pasted
      ? 'One, or several with commas between. Empty: the namespaces that the Secrets say.'
      : 'One, or several with commas between: there is one result for each.';
  }

  /** Returns the control for a field of step 3. */
  control({ name }: Field): HTMLElement | undefined {
    if (name === 'namespace') return this.#namespaces;
    const selected = name === 'scope' ? this.#scopes.querySelector('input:checked') : undefined;
    return selected instanceof HTMLElement ? selected : undefined;
  }

  /** Forgets the choices. */
  clear(): void {
    this.#namespaces.value = '';
    this.#kind = undefined;
    selectRadio(this.#scopes, 'strict');
    this.showFor('secrets');
  }
}

const SCOPES: readonly Scope[] = ['strict', 'namespace-wide', 'cluster-wide'];
