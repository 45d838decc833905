import { createHash } from 'node:crypto';

/** A workload, with the number of runs for stable figures. */
export interface Workload {
  readonly name: string;
  /** The manifest of all its Secrets, the same on every machine. */
  readonly manifest: string;
  readonly runs: number;
  /** The maximum ratio of the single file's time to the reference's. */
  readonly goal: number;
}

/** All workloads. */
export const WORKLOADS: readonly Workload[] = [
  { name: 'one Secret', manifest: manifest(1, 1), runs: 31, goal: 1.2 },
  { name: '1,000 Secrets in one file', manifest: manifest(1000, 1), runs: 11, goal: 0.5 },
  { name: '200 Secrets of 10 items', manifest: manifest(200, 10), runs: 11, goal: 0.5 },
];

/** Returns Secrets in the form of `kubectl create secret generic --dry-run=client -o yaml`. */
export function manifest(secrets: number, items: number): string {
  return Array.from({ length: secrets }, (_, secret) => {
    const data = Array.from({ length: items }, (_, item) => `  item-${item}: ${value(secret, item)}\n`);
    return `apiVersion: v1\ndata:\n${data.join('')}kind: Secret\nmetadata:\n  name: secret-${secret}\n  namespace: bench\n`;
  }).join('---\n');
}

/** Returns 32 bytes that look random. */
function value(secret: number, item: number): string {
  return createHash('sha256').update(`${secret}/${item}`).digest('base64');
}
