import { Reader } from '../shared/api/reader.ts';
import { readJson } from './package.ts';
import { npm, type Pinned } from './pinned.ts';

/** A program that a build contains in addition to the packages of package-lock.json: `Node`, `Bun`. */
export interface Runtime {
  readonly name: string;
  readonly license: string;
  /** The pinned package of the program. */
  readonly pin: Pinned;
}

/**
 * Returns the software bill of materials (CycloneDX 1.5, JSON) of what ships: the packages in package-lock.json other
 * than development dependencies, and the runtimes. It is reproducible: it has no time and no serial number.
 */
export async function sbom(runtimes: readonly Runtime[]): Promise<string> {
  const version = readJson('package.json').requiredString('version');
  const told = await npm(['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only']);
  const found = new Reader(JSON.parse(told), { source: 'npm sbom' });
  const components = found.list('components').map(({ value }) => value);
  const document = {
    $schema: found.requiredString('$schema'),
    bomFormat: found.requiredString('bomFormat'),
    specVersion: found.requiredString('specVersion'),
    version: 1,
    metadata: {
      component: {
        'bom-ref': `sealed-secrets@${version}`,
        type: 'application',
        name: 'sealed-secrets',
        version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: [...components, ...runtimes.map(component)],
    dependencies: found.list('dependencies').map(({ value }) => value),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component({ name, license, pin }: Runtime): object {
  const purl = `pkg:npm/${pin.name.replace('@', '%40')}@${pin.version}`;
  return {
    'bom-ref': purl,
    type: 'platform',
    name,
    version: pin.version,
    purl,
    hashes: [
      {
        alg: 'SHA-512',
        content: Buffer.from(pin.integrity.slice('sha512-'.length), 'base64').toString('hex'),
      },
    ],
    licenses: [{ license: { id: license } }],
  };
}
