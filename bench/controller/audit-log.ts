import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, stringAt } from '../../test/control-plane/admin-client.ts';

/** The numbers of requests, by verb and resource. */
export type Requests = Readonly<Record<string, number>>;

/** How often to look for requests, in ms. */
const POLL = 250;
/** How long a controller sends nothing after it has finished its work, in ms. */
const QUIET = 2_000;

/**
 * Counts the requests of one account by the API server's audit log. Any controller is counted alike, and neither the
 * requests of the bench nor those of the API server itself are.
 */
export class AuditLog {
  /** The flags for kube-apiserver. */
  readonly flags: readonly string[];
  readonly #file: string;
  #offset = 0;
  #rest = '';
  #counted = new Map<string, number>();

  /** Writes the policy into a folder, in which the log will be too. */
  constructor(folder: string, account: string) {
    const policy = join(folder, 'audit-policy.json');
    this.#file = join(folder, 'audit.log');
    writeFileSync(this.#file, '');
    const rules = [{ level: 'Metadata', users: [account] }, { level: 'None' }];
    const head = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'] };
    writeFileSync(policy, JSON.stringify({ ...head, rules }));
    this.flags = [
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${this.#file}`,
      '--audit-log-maxsize=1000',
    ];
  }

  /** Returns the requests since the last call. */
  take(): Requests {
    this.#read();
    const requests = Object.fromEntries([...this.#counted].sort(([a], [b]) => a.localeCompare(b)));
    this.#counted = new Map();
    return requests;
  }

  /** Waits until the controller has sent nothing for a while but renewals of a Lease. Returns the time of the last request. */
  async quiet(): Promise<number> {
    let last = performance.now();
    while (performance.now() - last < QUIET) {
      await sleep(POLL);
      if (this.#read() > 0) last = performance.now();
    }
    return last;
  }

  /** Reads what was logged, and returns how many of these requests were none for a Lease. */
  #read(): number {
    let count = 0;
    for (const line of this.#lines()) {
      const event: unknown = JSON.parse(line);
      const verb = stringAt(event, 'verb');
      // A watch is logged when it starts and when it ends.
      if ((verb === 'watch') !== (at(event, 'stage') === 'ResponseStarted')) continue;
      const [resource, subresource] = ['resource', 'subresource'].map((name) => at(event, 'objectRef', name));
      const code = Number(at(event, 'responseStatus', 'code'));
      const kind = [verb, [resource ?? at(event, 'requestURI'), subresource].filter(Boolean).join('/')];
      const name = [...kind, ...(code < 300 ? [] : [`(${code})`])].join(' ');
      this.#counted.set(name, (this.#counted.get(name) ?? 0) + 1);
      if (resource !== 'leases') count++;
    }
    return count;
  }

  #lines(): string[] {
    const file = openSync(this.#file, 'r');
    try {
      const buffer = Buffer.alloc(fstatSync(file).size - this.#offset);
      const length = readSync(file, buffer, 0, buffer.length, this.#offset);
      this.#offset += length;
      // The log is ASCII: Kubernetes' names are, and JSON in it escapes nothing that the bench reads.
      const lines = (this.#rest + buffer.toString('latin1', 0, length)).split('\n');
      this.#rest = lines.pop() ?? '';
      return lines;
    } finally {
      closeSync(file);
    }
  }
}

const WRITES = /^(create|update|patch|delete)/;
const LEASE = ' leases';

/** Returns how many requests there are, without those for a Lease. */
export function countOf(requests: Requests, only: 'all' | 'writes' = 'all'): number {
  return Object.entries(requests)
    .filter(([name]) => !name.includes(LEASE) && (only === 'all' || WRITES.test(name)))
    .reduce((sum, [, count]) => sum + count, 0);
}
