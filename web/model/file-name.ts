/** What the name of a download is made of. */
export interface FileNameParts {
  /** The name of the cluster; empty if there is only one. */
  readonly cluster: string;
  /** The names of what is in the file. */
  readonly names: readonly string[];
  readonly extension: string;
}

/** The longest part of a name, in UTF-16 units: file systems take 255 bytes for a name. */
const MAX_PART = 60;

/**
 * Returns a name for a download, such as `prod-db.sealed.yaml`. Names from the input may hold anything; what is left of
 * them is safe in each file system.
 */
export function fileNameFor({ cluster, names, extension }: FileNameParts): string {
  const unique = [...new Set(names)];
  const parts = [cluster, ...(unique.length > 2 ? ['secrets'] : unique)].map(safePart);
  return `${parts.filter((part) => part !== '').join('-') || 'secret'}.sealed.${extension}`;
}

function safePart(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, MAX_PART);
}
