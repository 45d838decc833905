import { visible } from '../../shared/text.ts';
import type { Item, ObjectSummary } from '../model/types.ts';
import { create, find, newId } from './dom.ts';
import { ItemRows } from './item-rows.ts';
import { placeOf } from './objects.ts';
import { ValueField } from './value-field.ts';

/** The most items of a SealedSecret that get controls; others are kept as they are. */
const MAX_ITEMS = 200;

type Change = 'keep' | 'replace' | 'remove';

interface SealedRow {
  readonly name: string;
  readonly select: HTMLSelectElement;
  readonly value: ValueField;
}

/** The items of a SealedSecret: each is kept, replaced or removed, and others can be added. */
export class SealedItems {
  readonly #onChange: () => void;
  readonly #panel = find('panel-sealed', HTMLElement);
  readonly #object = find('object', HTMLSelectElement);
  readonly #list = find('sealed-items', HTMLElement);
  readonly #added: ItemRows;
  #objects: readonly ObjectSummary[] = [];
  #rows: SealedRow[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#added = new ItemRows(find('added-items', HTMLElement), onChange);
    this.#object.addEventListener('change', () => {
      this.#showItems();
      onChange();
    });
  }

  /** The index of the SealedSecret in its file. */
  get object(): number {
    return Math.max(0, this.#object.selectedIndex);
  }

  /** The items to set: those that replace others come first. */
  get set(): readonly Item[] {
    return [
      ...this.#replaced().map(({ name, value }) => ({ name, value: value.bytes })),
      ...this.#added.items,
    ];
  }

  /** The names of the items to remove. */
  get remove(): readonly string[] {
    return this.#rows.filter(({ select }) => select.value === 'remove').map(({ name }) => name);
  }

  get hasValues(): boolean {
    return this.#added.hasValues || this.#rows.some(({ value }) => value.content !== undefined);
  }

  /** The control of an item in `set`. */
  control(index: number, part: 'name' | 'value'): HTMLElement | undefined {
    const replaced = this.#replaced();
    const row = replaced[index];
    if (row === undefined) return this.#added.control(index - replaced.length, part);
    return part === 'name' ? row.select : row.value.control;
  }

  get firstControl(): HTMLElement {
    return this.#rows[0]?.select ?? this.#added.firstControl;
  }

  /** Shows the SealedSecrets of a file. */
  show(objects: readonly ObjectSummary[]): void {
    this.clear();
    this.#objects = objects;
    this.#object.replaceChildren(
      ...objects.map(({ name, namespace }) => create('option', {}, placeOf({ name, namespace }))),
    );
    find('object-field', HTMLElement).hidden = objects.length === 1;
    this.#showItems();
    this.#panel.hidden = false;
  }

  clearValues(): void {
    for (const { value } of this.#rows) value.clear();
    this.#added.clearValues();
  }

  clear(): void {
    this.#panel.hidden = true;
    this.#clearRows();
    this.#objects = [];
    this.#object.replaceChildren();
  }

  #showItems(): void {
    this.#clearRows();
    for (const name of (this.#objects[this.object]?.items ?? []).slice(0, MAX_ITEMS)) this.#addRow(name);
  }

  #clearRows(): void {
    for (const { value } of this.#rows) value.clear();
    this.#rows = [];
    this.#list.replaceChildren();
    this.#added.clear();
  }

  #addRow(name: string): void {
    const id = newId();
    const value = new ValueField({ label: 'New value', masked: true, onChange: this.#onChange });
    const select = create(
      'select',
      { id },
      ...CHANGES.map(([change, text]) => create('option', { value: change }, text)),
    );
    value.element.hidden = true;
    select.addEventListener('change', () => {
      value.element.hidden = select.value !== 'replace';
      if (value.element.hidden) value.clear();
      this.#onChange();
    });
    this.#rows.push({ name, select, value });
    this.#list.append(
      create(
        'div',
        { class: 'item', role: 'group', 'aria-label': visible(name) },
        create('div', { class: 'field' }, create('label', { for: id }, visible(name)), select),
        value.element,
      ),
    );
  }

  #replaced(): readonly SealedRow[] {
    return this.#rows.filter(({ select }) => select.value === 'replace');
  }
}

const CHANGES: readonly (readonly [Change, string])[] = [
  ['keep', 'Keep'],
  ['replace', 'Replace'],
  ['remove', 'Remove'],
];
