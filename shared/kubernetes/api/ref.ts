/** The namespace and name of an object. */
export interface Ref {
  readonly namespace: string;
  readonly name: string;
}

/** Returns `NAMESPACE/NAME`. */
export function showRef(ref: Ref): string {
  return `${ref.namespace}/${ref.name}`;
}
