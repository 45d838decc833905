/** Judges an election by the audit log of the API server. */
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { at } from '../control-plane/admin-client.ts';
import { isWriteOf, type AuditedRequest } from './audit.ts';

/** A time in which one contender held the Lease. */
export interface Term {
  /** `leaseTransitions`, which is higher in each term. */
  readonly number: number;
  readonly holder: string;
  readonly actor: string;
  /** When the request that took the Lease was received, in ms. */
  readonly from: number;
  /** When the request that ended the term was received: a release, or the next acquisition. */
  readonly until: number;
  /** For how long nobody had renewed or released the Lease when it was taken, in ms; undefined for the first term. */
  readonly silence: number | undefined;
  /** The requests of the holder that wrote something other than the Lease. */
  readonly writes: number;
}

/** What an audit log shows about an election. */
export interface Verdict {
  readonly terms: readonly Term[];
  /** Each violation of a rule. */
  readonly problems: readonly string[];
  /** The longest time between a renewal of the Lease and a write that relied on it, in ms. */
  readonly oldestRenewal: number;
}

/** A record that was stored. */
interface LeaseWrite {
  readonly request: AuditedRequest;
  readonly version: number;
  readonly holder: string;
  /** In ms. */
  readonly duration: number;
  readonly transitions: number;
  /** The time of the renewal as client-go compares it, in whole seconds. */
  readonly second: string;
}

type OpenTerm = { -readonly [Field in keyof Term]: Term[Field] } & { readonly renewals: number[] };

/**
 * Checks that no two contenders wrote in the same term:
 *
 * - Every write of a contender is received in a term in which it is the holder. A term starts when the request that takes
 *   the Lease is received, and ends when a release, or the request with which another one takes it, is received.
 * - A Lease is taken only after a release, or when its record has not changed for the duration that is written in it, in
 *   the eyes of client-go, which reads the time of a renewal in whole seconds: it misses a second renewal in one second.
 * - The number of the term grows by one with each change of the holder, and only then.
 * - A write that carries a term and an identity (the ConfigMap of the Go contender) carries those of its term.
 */
export function judge(
  requests: readonly AuditedRequest[],
  lease: Ref,
  names: ReadonlyMap<string, string>,
): Verdict {
  const problems: string[] = [];
  const nameOf = (actor: string): string => names.get(actor) ?? actor;
  const terms = termsOf(leaseWrites(requests, lease), (problem) => problems.push(problem));
  let oldestRenewal = 0;
  for (const request of requests.filter((each) => names.has(each.actor) && isWriteOf(each, each.actor))) {
    const { actor, received, verb, resource, name } = request;
    const term = terms.findLast(({ from }) => from <= received);
    const what = `${nameOf(actor)}: ${verb} ${resource} ${name}`;
    if (term === undefined) {
      problems.push(`${what} before the first term`);
    } else if (received >= term.until) {
      problems.push(`${what} ${(received - term.until).toFixed(3)} ms after term ${term.number} had ended`);
    } else if (term.actor !== actor) {
      const after = (received - term.from).toFixed(3);
      problems.push(`${what} ${after} ms after ${nameOf(term.actor)} had started term ${term.number}`);
    } else {
      term.writes++;
      const renewed = term.renewals.findLast((renewal) => renewal <= received) ?? term.from;
      oldestRenewal = Math.max(oldestRenewal, received - renewed);
      const stamp = at(request.sent, 'data', 'term');
      if (stamp !== undefined && stamp !== String(term.number))
        problems.push(`${what} is stamped with term ${JSON.stringify(stamp)} in term ${term.number}`);
      if (stamp !== undefined && at(request.sent, 'data', 'identity') !== term.holder)
        problems.push(`${what} is stamped with another identity than that of term ${term.number}`);
    }
  }
  return { terms, problems, oldestRenewal };
}

/**
 * Returns the problems except one late write for each pause, by the contender that was paused: a process that is stopped
 * between the check of its term and the send writes once more when it goes on. No check before sending prevents that
 * (decision 0014).
 *
 * @param paused the name of the contender, for each pause
 */
export function beyondPauses(problems: readonly string[], paused: readonly string[]): readonly string[] {
  const left = [...paused];
  return problems.filter((problem) => {
    const at = left.indexOf(LATE_WRITE.exec(problem)?.[1] ?? '');
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const LATE_WRITE = /^(\S+): .* ms after (?:term \d+ had ended|\S+ had started term \d+)$/;

function leaseWrites(requests: readonly AuditedRequest[], { namespace, name }: Ref): LeaseWrite[] {
  return requests
    .filter(
      (each) =>
        each.resource === 'leases' &&
        each.namespace === namespace &&
        each.name === name &&
        ['create', 'update', 'patch'].includes(each.verb) &&
        each.code < 300,
    )
    .map((request) => {
      const { answer } = request;
      return {
        request,
        version: Number(at(answer, 'metadata', 'resourceVersion')),
        holder: textAt(answer, 'spec', 'holderIdentity'),
        duration: Number(at(answer, 'spec', 'leaseDurationSeconds')) * 1000,
        transitions: Number(at(answer, 'spec', 'leaseTransitions') ?? 0),
        second: textAt(answer, 'spec', 'renewTime').slice(0, 'YYYY-MM-DDTHH:MM:SS'.length),
      };
    })
    .sort((a, b) => a.version - b.version);
}

function textAt(value: unknown, ...path: string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

function termsOf(writes: readonly LeaseWrite[], report: (problem: string) => void): OpenTerm[] {
  const terms: OpenTerm[] = [];
  let before: LeaseWrite | undefined;
  let unchangedSince = 0;
  for (const write of writes) {
    const { request, holder, transitions } = write;
    const { actor, received } = request;
    const current = terms.at(-1);
    const silence = before === undefined ? undefined : received - before.request.received;
    if (holder !== '' && holder !== before?.holder) {
      if (before !== undefined && before.holder !== '' && received - unchangedSince < before.duration)
        report(`${holder} took the Lease ${silence ?? 0} ms after ${before.holder} had renewed it`);
      if (before !== undefined && transitions !== before.transitions + 1)
        report(`term ${transitions} of ${holder} follows term ${before.transitions}`);
      if (current !== undefined) current.until = Math.min(current.until, received);
      const until = Number.POSITIVE_INFINITY;
      const term = { number: transitions, holder, actor, from: received, until, silence, writes: 0 };
      terms.push({ ...term, renewals: [] });
    } else {
      if (transitions !== before?.transitions)
        report(`the number of the term changed to ${transitions} without a new holder`);
      if (actor !== current?.actor) report(`${actor} changed the Lease of ${before?.holder ?? 'nobody'}`);
      if (holder === '' && current !== undefined) current.until = Math.min(current.until, received);
      current?.renewals.push(received);
    }
    if (before === undefined || !looksEqual(write, before)) unchangedSince = received;
    before = write;
  }
  return terms;
}

function looksEqual(a: LeaseWrite, b: LeaseWrite): boolean {
  return a.second !== '' && a.second === b.second && a.holder === b.holder && a.transitions === b.transitions;
}
