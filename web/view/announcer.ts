import { find } from './dom.ts';

/** Says something to a screen reader, politely. Nobody else sees it, so the page shows the same where it happened. */
export function announce(text: string): void {
  const region = find('announcements', HTMLElement);
  // The same text twice would not be read the second time.
  region.textContent = region.textContent === text ? `${text}\u00A0` : text;
}
