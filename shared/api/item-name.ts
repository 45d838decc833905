/** https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data */
const ITEM_NAME = /^[-._a-zA-Z0-9]{1,253}$/;

/** Returns whether a Secret can have an item of this name. */
export function isItemName(name: string): boolean {
  return ITEM_NAME.test(name) && name !== '.' && !name.startsWith('..');
}
