import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { load } from 'js-yaml';
import { DIST, PACKAGE, readJson } from '../package.ts';
import { nodePin } from '../pinned-node.ts';
import { pinOf } from '../pinned.ts';
import { sbom } from '../sbom.ts';
import { TARGETS, type Target } from '../targets.ts';
import { chartPackage } from './chart.ts';
import { GITLAB_TEMPLATE, gitlabTemplate } from './gitlab.ts';
import { archiveName, kubesealArchive } from './kubeseal.ts';
import { homebrewFormula, krewManifest, type Download } from './package-managers.ts';
import { jsonSchema } from './schema.ts';

/** A host that cannot exist (RFC 2606). */
export const NOWHERE = 'https://downloads.invalid';

/** The schema of `.kubeseal.yaml`, for editors. */
const CONFIG_SCHEMA = join(PACKAGE, 'cli', 'config', 'kubeseal.schema.json');

/** The settings of a release. */
export interface ReleaseOptions {
  /** The targets to compile kubeseal for. */
  readonly targets: readonly Target[];
  /** The URL at which the files will be published, without a trailing `/`. */
  readonly url: string;
  readonly homepage: string;
  /** The plain manifests, for installation without helm. */
  readonly manifests: readonly string[];
  readonly say: (line: string) => void;
  readonly folder?: string;
}

/**
 * Makes the files of a release in an empty folder, all with the version in package.json, and returns their paths. The
 * files are reproducible byte for byte.
 */
export async function makeRelease(options: ReleaseOptions): Promise<readonly string[]> {
  const { targets, url, homepage, manifests, say, folder = join(DIST, 'release') } = options;
  const version = readJson('package.json').requiredString('version');
  const files = new Map<string, Buffer | string>();

  const downloads: Download[] = [];
  for (const target of targets) {
    const name = archiveName(version, target);
    const data = await kubesealArchive(target, say);
    files.set(name, data);
    downloads.push({ target, url: `${url}/${name}`, sha256: sha256(data) });
  }
  files.set(`sealed-secrets-${version}.tgz`, chartPackage());
  for (const path of manifests) files.set(basename(path), readFileSync(path));
  for (const [name, data] of clusterFiles()) files.set(name, data);
  files.set(basename(CONFIG_SCHEMA), readFileSync(CONFIG_SCHEMA));
  files.set(`sealed-secrets-${version}.cdx.json`, await billOfMaterials());
  files.set('seal.yaml', krewManifest({ version, homepage }, downloads));
  files.set('kubeseal.rb', homebrewFormula({ version, homepage }, downloads));
  files.set(GITLAB_TEMPLATE, gitlabTemplate(url, downloads));
  files.set(`sealed-secrets-${version}-checksums.txt`, checksums(files));

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return [...files].map(([name, data]) => {
    const path = join(folder, name);
    writeFileSync(path, data);
    return path;
  });
}

/** Returns the files for the cluster: the CRD of SealedSecrets, and its schema for editors. */
function clusterFiles(): ReadonlyMap<string, string> {
  const name = 'sealedsecrets.bitnami.com.yaml';
  const definition = readFileSync(join(PACKAGE, 'crds', name), 'utf8');
  return new Map([
    [name, definition],
    ['sealedsecret_v1alpha1.json', `${JSON.stringify(jsonSchema(load(definition)), null, 2)}\n`],
  ]);
}

function billOfMaterials(): Promise<string> {
  return sbom([
    ...(['amd64', 'arm64'] as const).map((each) => ({
      name: 'node',
      license: 'MIT',
      pin: nodePin('image', each),
    })),
    ...TARGETS.map((target) => ({ name: 'bun', license: 'MIT', pin: pinOf('bun', target.package) })),
  ]);
}

/** Returns the checksums in the format of `sha256sum --check`. */
function checksums(files: ReadonlyMap<string, Buffer | string>): string {
  return [...files].map(([name, data]) => `${sha256(data)}  ${name}\n`).join('');
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
