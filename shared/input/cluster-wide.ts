/** Returns a note about who can unseal what is cluster-wide. */
export function clusterWideNote(at: string): string {
  return `${at}: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there`;
}
