import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The value of the Secret below, which no message may have. */
export const PASSWORD = 'hunter2-canary';

/** A Secret in plain text. */
export const PLAIN = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: ${PASSWORD}\n`;

/** An object in which nothing is wrong. */
export const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  port: "80"\n';

/** Makes a folder below another one, with files by their paths, as a checkout has them. */
export function workspaceWith(parent: string, files: Readonly<Record<string, string>>): string {
  const workspace = mkdtempSync(join(parent, 'workspace-'));
  writeFiles(workspace, files);
  return workspace;
}

/** Writes files by their paths into a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
