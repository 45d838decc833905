import { withoutValue } from '../../shared/input/without-value.ts';
import { visible } from '../../shared/text.ts';

/** Returns the name of an item or a field as a finding shows it: in quotes, and without what may be a value. */
export function shownName(name: string): string {
  return `"${visible(withoutValue(name))}"`;
}
