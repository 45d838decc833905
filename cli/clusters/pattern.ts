/** What stands for the name of a cluster in `--split`, and in the files of private keys beside it. */
export const NAME_IN_PATTERN = '{cluster}';

/** Returns a pattern with the name of a cluster. */
export function withName(pattern: string, cluster: string): string {
  return pattern.replaceAll(NAME_IN_PATTERN, () => cluster);
}

/** Returns the path of the folder before the first name of a cluster, where `.kubeseal.yaml` is searched from. */
export function beforeName(pattern: string): string {
  const at = pattern.indexOf(NAME_IN_PATTERN);
  return at < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', at) + 1) || '.';
}
