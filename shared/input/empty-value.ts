/** Returns a warning about a value that is empty, which is often one that was not set. */
export function emptyValueWarning(item: string): string {
  return `the value of "${item}" is empty`;
}
