import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../package.ts';
import { goPlatform } from './kubeseal.ts';
import type { Download } from './package-managers.ts';

/** The name of the template in a release. */
export const GITLAB_TEMPLATE = 'kubeseal-lint.gitlab-ci.yml';

/**
 * Returns the template of the job for GitLab, with the place and the checksums of a release in its variables.
 *
 * @param url the start of the URLs of the release's files
 */
export function gitlabTemplate(url: string, downloads: readonly Download[]): string {
  const digests = downloads.flatMap(({ target, sha256 }) => {
    const { os, arch } = goPlatform(target);
    return os === 'linux' ? [[`KUBESEAL_SHA256_${arch.toUpperCase()}`, sha256] as const] : [];
  });
  const template = readFileSync(join(PACKAGE, 'ci', 'gitlab', 'kubeseal-lint.yml'), 'utf8');
  return [['KUBESEAL_URL', url] as const, ...digests].reduce(withVariable, template);
}

/** Sets a variable of the template. Throws if the template does not have it once. */
function withVariable(template: string, [name, value]: readonly [string, string]): string {
  const line = new RegExp(`^( +${name}: ).*$`, 'm');
  if (!line.test(template)) throw new Error(`the template has no variable ${name}`);
  return template.replace(line, (_, start: string) => `${start}${value}`);
}
