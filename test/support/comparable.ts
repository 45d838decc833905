/** Returns the object as plain JSON, without the fields that only the reference writes. */
export function comparable(recovered: object): unknown {
  return JSON.parse(JSON.stringify(recovered), (key, value: unknown) => {
    if (key === 'ownerReferences' || key === 'managedFields') return undefined;
    return value === null ? '' : value;
  }) as unknown;
}

/** Sorts the items in each `ERROR (ITEM, …)`. */
export function sortedItems(error: string): string {
  return error.replace(/\(([^)]*)\)/g, (_, items: string) => `(${items.split(', ').sort().join(', ')})`);
}

/** Returns a SealedSecret as plain JSON, with the names of its items instead of their ciphertexts. */
export function withoutCiphertexts(sealed: unknown): { encryptedData: string[] } & Record<string, unknown> {
  const items: string[] = [];
  const rest = JSON.parse(JSON.stringify(sealed), (key, value: unknown) => {
    if (key === 'managedFields') return undefined;
    if (key !== 'encryptedData') return value;
    items.push(...Object.keys(value as object));
    return undefined;
  }) as Record<string, unknown>;
  return { ...rest, encryptedData: items };
}
