import type { Item } from '../model/types.ts';
import { create, createButton, newId, UNASSISTED } from './dom.ts';
import { byteCount } from './files.ts';
import { ValueField } from './value-field.ts';

/** The most rows that a page shows without becoming slow. More items are kept without rows. */
const MAX_ROWS = 100;

interface Row {
  readonly element: HTMLElement;
  readonly name: HTMLInputElement;
  readonly value: ValueField;
  readonly remove: HTMLButtonElement;
}

/** Rows for names and values of items, to which one can be added. */
export class ItemRows {
  readonly #onChange: () => void;
  readonly #list = create('div');
  readonly #add: HTMLButtonElement;
  readonly #more = create('p', { class: 'held', hidden: true });
  #rows: Row[] = [];
  /** Items beyond `MAX_ROWS`. */
  #rest: readonly Item[] = [];

  /** @param container gets the rows */
  constructor(container: HTMLElement, onChange: () => void) {
    this.#onChange = onChange;
    this.#add = createButton('Add an item', () => {
      this.#addRow().name.focus();
      this.#onChange();
    });
    container.append(this.#list, this.#more, create('div', { class: 'actions' }, this.#add));
  }

  /** The items of all rows that are not empty. */
  get items(): readonly Item[] {
    const named = this.#used().map(({ name, value }) => ({ name: name.value, value: value.bytes }));
    return [...named, ...this.#rest];
  }

  /** Whether there is a value. */
  get hasValues(): boolean {
    return this.#rest.length > 0 || this.#rows.some(({ value }) => value.content !== undefined);
  }

  /** The first control, for messages about all items. */
  get firstControl(): HTMLElement {
    return this.#rows[0]?.name ?? this.#add;
  }

  /** The control of one item's name or value, by the index in `items`. */
  control(index: number, part: 'name' | 'value'): HTMLElement | undefined {
    const row = this.#used()[index];
    return part === 'name' ? row?.name : row?.value.control;
  }

  /** Adds items in place of the empty rows. */
  add(items: readonly Item[]): void {
    for (const row of this.#rows.filter(isEmpty)) this.#remove(row);
    const free = Math.max(0, MAX_ROWS - this.#rows.length);
    for (const { name, value } of items.slice(0, free)) {
      const row = this.#addRow();
      row.name.value = name;
      row.value.set({ bytes: value, fileName: undefined });
    }
    this.#rest = [...this.#rest, ...items.slice(free)];
    this.#showRest();
  }

  /** Makes sure that there is a row to fill in. */
  ensureRow(): void {
    if (this.#rows.length === 0) this.#addRow();
  }

  /** Removes the values, and keeps the names. */
  clearValues(): void {
    for (const { value } of this.#rows) value.clear();
    this.#rest = [];
    this.#showRest();
  }

  /** Removes all rows. */
  clear(): void {
    this.clearValues();
    for (const row of this.#rows) row.element.remove();
    this.#rows = [];
  }

  #addRow(): Row {
    const id = newId();
    const name = create('input', { type: 'text', id, ...UNASSISTED });
    name.addEventListener('input', this.#onChange);
    const value = new ValueField({ label: 'Value', masked: true, onChange: this.#onChange });
    const remove = createButton('Remove', () => {
      const next = this.#rows[this.#rows.indexOf(row) + 1];
      this.#remove(row);
      (next?.name ?? this.#add).focus();
      this.#onChange();
    });
    const element = create(
      'div',
      { class: 'item', role: 'group' },
      create('div', { class: 'field' }, create('label', { for: id }, 'Item'), name),
      value.element,
      remove,
    );
    const row: Row = { element, name, value, remove };
    this.#rows.push(row);
    this.#list.append(element);
    this.#number();
    return row;
  }

  #remove(row: Row): void {
    row.value.clear();
    row.element.remove();
    this.#rows = this.#rows.filter((each) => each !== row);
    this.#number();
  }

  #number(): void {
    for (const [index, { element, remove }] of this.#rows.entries()) {
      element.setAttribute('aria-label', `Item ${index + 1}`);
      remove.setAttribute('aria-label', `Remove item ${index + 1}`);
    }
  }

  #used(): readonly Row[] {
    return this.#rows.filter((row) => !isEmpty(row));
  }

  #showRest(): void {
    this.#more.hidden = this.#rest.length === 0;
    if (this.#rest.length === 0) return;
    const size = this.#rest.reduce((sum, { value }) => sum + value.length, 0);
    this.#more.textContent = `and ${this.#rest.length} more items, ${byteCount(size)}`;
  }
}

function isEmpty({ name, value }: Row): boolean {
  return name.value === '' && value.content === undefined;
}
