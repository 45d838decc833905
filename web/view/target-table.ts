import { counted, visible } from '../../shared/text.ts';
import type { PlannedItem, Target } from '../model/types.ts';
import { create } from './dom.ts';
import { byteCount } from './files.ts';
import { describeScope, placeOf } from './objects.ts';

/** The most objects, and the most items of each, that are shown one by one. */
const MAX_TARGETS = 50;
const MAX_ITEMS = 100;

/** Shows what will be sealed: a table for each object. Values are not in it, only their sizes. */
export function targetTables(targets: readonly Target[]): HTMLElement[] {
  const tables = targets.slice(0, MAX_TARGETS).map(targetTable);
  const more = targets.length - MAX_TARGETS;
  return more > 0 ? [...tables, create('p', {}, `and ${counted(more, 'object')} more`)] : tables;
}

function targetTable(target: Target): HTMLElement {
  const { certificate, fingerprint, scope, items } = target;
  const rows = items.slice(0, MAX_ITEMS).map(itemRow);
  const more = items.length - MAX_ITEMS;
  if (more > 0) rows.push(create('tr', {}, create('td', { colspan: '3' }, `and ${more} more`)));
  return create(
    'div',
    { class: 'target' },
    create(
      'table',
      {},
      create(
        'caption',
        {},
        create('b', {}, placeOf(target)),
        certificate === '' ? '' : ` for ${visible(certificate)}`,
      ),
      create(
        'thead',
        {},
        create('tr', {}, ...['Item', 'Change', 'Size'].map((title) => create('th', { scope: 'col' }, title))),
      ),
      create('tbody', {}, ...rows),
    ),
    create('p', { class: 'hint' }, describeScope(scope, target)),
    create('p', { class: 'fingerprint' }, fingerprint),
  );
}

function itemRow({ name, action, size }: PlannedItem): HTMLTableRowElement {
  return create(
    'tr',
    {},
    create('th', { scope: 'row' }, visible(name)),
    create('td', { class: action }, ACTIONS[action]),
    create('td', {}, size === undefined ? '–' : byteCount(size)),
  );
}

const ACTIONS: Readonly<Record<PlannedItem['action'], string>> = {
  seal: 'seal',
  add: 'add',
  replace: 'replace',
  remove: 'remove',
  keep: 'keep as it is',
};
