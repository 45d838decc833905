/**
 * The files that Argo CD and Flux publish in their Go modules: schemas and the Lua script about SealedSecrets. The modules
 * that `published/go.mod` pins are only downloaded, and not compiled.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringAt } from '../control-plane/admin-client.ts';
import { PACKAGE } from '../support/package.ts';

const MODULES = join(PACKAGE, 'test', 'examples', 'published');
const ARGO_CD = 'github.com/argoproj/argo-cd/v3';
const LUA = ['resource_customizations', 'bitnami.com', 'SealedSecret', 'health.lua'] as const;

/** The folders with CustomResourceDefinitions, by their modules. */
const CRDS = {
  'argo-cd': [ARGO_CD, 'manifests/crds'],
  'kustomize-controller': ['github.com/fluxcd/kustomize-controller', 'config/crd/bases'],
  'helm-controller': ['github.com/fluxcd/helm-controller', 'config/crd/bases'],
  'source-controller': ['github.com/fluxcd/source-controller', 'config/crd/bases'],
} as const;

let downloaded: Promise<ReadonlyMap<string, string>> | undefined;

/**
 * Downloads the modules, unless they are in Go's cache, once in a process. Returns their folders by path. Rejects when there is no Go, or a
 * module does not have the checksum of `go.sum`.
 */
export async function downloadPublished(): Promise<ReadonlyMap<string, string>> {
  return (downloaded ??= download());
}

async function download(): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json'], { cwd: MODULES });
  const modules = stdout.split(/(?<=^\})\n/m).filter((text) => text !== '');
  return new Map(
    modules.map((text) => {
      const module: unknown = JSON.parse(text);
      return [stringAt(module, 'Path'), stringAt(module, 'Dir')] as const;
    }),
  );
}

async function folderOf(module: string): Promise<string> {
  const folder = (await downloadPublished()).get(module);
  if (folder === undefined) throw new Error(`${MODULES}/go.mod does not require ${module}`);
  return folder;
}

/** Returns the path of the script by which Argo CD judges SealedSecrets. */
export async function healthScript(): Promise<string> {
  return join(await folderOf(ARGO_CD), ...LUA);
}

/** Returns the CustomResourceDefinitions of a tool, as YAML. */
export async function publishedCrds(tool: keyof typeof CRDS): Promise<string> {
  const [module, folder] = CRDS[tool];
  const path = join(await folderOf(module), folder);
  const files = readdirSync(path).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
  return files.map((file) => readFileSync(join(path, file), 'utf8')).join('\n---\n');
}
