/** Returns a warning about a Secret that lost its last item. */
export function noItemsLeft(at: string): string {
  return `${at}: the Secret has no items any more`;
}
