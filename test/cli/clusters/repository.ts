import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kubeseal, type Ran } from '../../support/run.ts';
import type { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem } from '../../support/vectors.ts';

/** The keys of the clusters, as the vectors name them. */
export const KEYS = { prod: 'c2048', staging: 'b4096' } as const;

export const CONFIG = `clusters:
  prod:
    certificate: certs/prod.pem
    paths: ['overlays/prod/']
  staging:
    certificate: certs/staging.pem
    paths: ['overlays/staging/']
`;

export const SECRET = 'metadata: {name: db, namespace: shop}\nstringData: {password: hunter2, user: bob}\n';

let count = 0;

/** A repository with two clusters, and an overlay for each. */
export class Repository {
  readonly path: string;

  constructor(folder: ReturnType<typeof temporaryFolder>) {
    this.path = join(folder.path, `repository-${++count}`);
    this.write('.kubeseal.yaml', CONFIG);
    for (const [cluster, key] of Object.entries(KEYS)) {
      this.write(`certs/${cluster}.pem`, certificatePem(key));
      mkdirSync(join(this.path, `overlays/${cluster}`), { recursive: true });
    }
  }

  write(name: string, text: string): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  remove(name: string): void {
    rmSync(join(this.path, name), { recursive: true });
  }

  /** Returns the files of the overlays, temporary ones included. */
  overlays(): readonly string[] {
    return readdirSync(join(this.path, 'overlays'), { recursive: true, withFileTypes: true })
      .filter((each) => !each.isDirectory())
      .map((each) => join(each.parentPath, each.name).slice(this.path.length + 1))
      .sort();
  }

  /** Runs kubeseal in the repository. */
  run(args: readonly string[], stdin = '', env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return kubeseal(args, { cwd: this.path, stdin, env });
  }
}
