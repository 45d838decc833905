import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A random repository of kustomizations. */
export interface RandomTree {
  /** The files with SealedSecrets, by the ciphertext of the only one in it. */
  readonly files: ReadonlyMap<string, string>;
  /** The folders that hold a kustomization which no other one uses. */
  readonly roots: readonly string[];
  /** Whether a patch renames objects. */
  readonly hasRenames: boolean;
}

/** Patches that rename no SealedSecret. */
const HARMLESS = [
  '{target: {kind: SealedSecret}, patch: "[{op: add, path: /metadata/labels, value: {a: b}}]"}',
  '{target: {kind: Deployment}, patch: "[{op: replace, path: /metadata/name, value: x}]"}',
  '{target: {kind: SealedSecret}, patch: "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: any, namespace: some, annotations: {c: d}}}"}',
];

/** Patches that rename SealedSecrets. */
const RENAMES = [
  '{target: {kind: SealedSecret}, patch: "[{op: replace, path: /metadata/namespace, value: patched}]"}',
  '{target: {kind: "Sealed.*"}, patch: "[{op: add, path: /metadata/namespace, value: patched}]"}',
  '{target: {kind: SealedSecret}, options: {allowNameChange: true}, patch: "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: patched}}"}',
];

/** Writes a random repository into a folder. The names of its objects are unique. */
export function writeRandomTree(root: string, random: () => number): RandomTree {
  const below = (end: number): number => Math.floor(random() * end);
  const choose = <T>(from: readonly T[]): T | undefined => from[below(from.length)];
  const files = new Map<string, string>();
  const used = new Set<string>();
  const bases: string[] = [];
  const components: string[] = [];
  let hasRenames = false;
  mkdirSync(join(root, '.git'), { recursive: true });
  for (let folder = 0; folder < 3 + below(5); folder++) {
    const name = `f${folder}`;
    const isComponent = random() < 0.25;
    const lines = isComponent ? ['apiVersion: kustomize.config.k8s.io/v1alpha1', 'kind: Component'] : [];
    mkdirSync(join(root, name));
    const resources: string[] = [];
    for (let file = 0; file < 1 + below(2); file++) {
      const ciphertext = Buffer.from(`AAECAw${folder}.${file}.............`).toString('base64');
      const metadata = { name: `o${folder}-${file}`, ...(random() < 0.5 ? { namespace: 'own' } : {}) };
      const object = {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata,
        spec: { encryptedData: { item: ciphertext } },
      };
      writeFileSync(join(root, name, `s${file}.yaml`), JSON.stringify(object));
      files.set(ciphertext, join(root, name, `s${file}.yaml`));
      resources.push(`s${file}.yaml`);
    }
    for (let times = below(3); times > 0; times--) {
      const base = choose(bases);
      // Twice the same base would give two objects one name.
      if (base === undefined || used.has(`${base} ${name}`)) continue;
      used.add(base).add(`${base} ${name}`);
      resources.push(choose([`../${base}`, `../${base}/`, `../${name}/../${base}`]) ?? '');
    }
    lines.push(`resources: ${JSON.stringify(resources)}`);
    const component = random() < 0.5 ? choose(components) : undefined;
    if (component !== undefined) lines.push(`components: [../${component}]`);
    if (random() < 0.4) lines.push(`namePrefix: p${folder}-`);
    if (random() < 0.3) lines.push(`nameSuffix: -s${folder}`);
    if (random() < 0.3) lines.push(`namespace: n${folder}`);
    const patches = [
      random() < 0.3 ? choose(HARMLESS) : undefined,
      random() < 0.1 ? choose(RENAMES) : undefined,
    ];
    hasRenames ||= patches[1] !== undefined;
    const present = patches.filter((each) => each !== undefined);
    if (present.length > 0) lines.push('patches:', ...present.map((each) => `  - ${each}`));
    const file = choose(['kustomization.yaml', 'kustomization.yml']) ?? '';
    writeFileSync(join(root, name, file), `${lines.join('\n')}\n`);
    (isComponent ? components : bases).push(name);
  }
  return { files, roots: bases.filter((each) => !used.has(each)), hasRenames };
}
