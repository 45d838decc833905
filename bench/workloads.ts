import { createHash } from 'node:crypto';

/** What is sealed, and how many runs make its figures steady. */
export interface Workload {
  readonly name: string;
  /** The manifest of all its Secrets, the same on every machine. */
  readonly manifest: string;
  readonly runs: number;
  /** The most that the single file may take, as a part of what the reference takes. */
  readonly goal: number;
}

export const WORKLOADS: readonly Workload[] = [
  { name: 'one Secret', manifest: manifest(1, 1), runs: 31, goal: 1.2 },
  { name: '1,000 Secrets in one file', manifest: manifest(1000, 1), runs: 11, goal: 0.5 },
  { name: '200 Secrets of 10 items', manifest: manifest(200, 10), runs: 11, goal: 0.5 },
];

/** As `kubectl create secret generic --dry-run=client -o yaml` writes them. */
function manifest(secrets: number, items: number): string {
  return Array.from({ length: secrets }, (_, secret) => {
    const data = Array.from({ length: items }, (_, item) => `  item-${item}: ${value(secret, item)}\n`);
    return `apiVersion: v1\ndata:\n${data.join('')}kind: Secret\nmetadata:\n  name: secret-${secret}\n  namespace: bench\n`;
  }).join('---\n');
}

/** 32 bytes that look like chance. */
function value(secret: number, item: number): string {
  return createHash('sha256').update(`${secret}/${item}`).digest('base64');
}
