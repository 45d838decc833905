import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AuditedRequest } from './audit.ts';
import { beyondPauses, judge } from './terms.ts';

const LEASE = { namespace: 'ns', name: 'lease' };
const NAMES = new Map([
  ['a', 'A'],
  ['b', 'B'],
]);

interface Stored {
  readonly by: string;
  readonly holder: string;
  readonly term: number;
  readonly renewTime?: string;
}

let version = 0;

function stored(received: number, { by, holder, term, renewTime }: Stored): AuditedRequest {
  return {
    ...{ actor: by, verb: 'update', resource: 'leases', ...LEASE, received, code: 200, sent: undefined },
    answer: {
      metadata: { resourceVersion: String(++version) },
      spec: { holderIdentity: holder, leaseDurationSeconds: 5, leaseTransitions: term, renewTime },
    },
  };
}

function wrote(received: number, by: string, data?: object): AuditedRequest {
  const target = { verb: 'create', resource: 'secrets', namespace: 'ns', name: 's' };
  return { actor: by, ...target, received, code: 201, sent: { data }, answer: undefined };
}

function problems(...requests: AuditedRequest[]): readonly string[] {
  return judge(requests, LEASE, NAMES).problems;
}

const A = stored(1000, { by: 'a', holder: 'A', term: 0 });
const B = stored(6000, { by: 'b', holder: 'B', term: 1 });

suite('the audit log of an election', () => {
  test('shows no problem if each one writes in its own terms', () => {
    const freed = stored(8000, { by: 'b', holder: '', term: 1 });
    const again = stored(8001, { by: 'a', holder: 'A', term: 2 });
    const log = [A, wrote(1001, 'a'), B, wrote(6001, 'b'), freed, again, wrote(8002, 'a')];
    const { terms, problems, oldestRenewal } = judge(log, LEASE, NAMES);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      terms.map(({ number, holder, from, until, silence, writes }) => [
        ...[number, holder, from, until],
        ...[silence, writes],
      ]),
      [
        [0, 'A', 1000, 6000, undefined, 1],
        [1, 'B', 6000, 8000, 5000, 1],
        [2, 'A', 8001, Number.POSITIVE_INFINITY, 1, 1],
      ],
    );
    assert.equal(oldestRenewal, 1);
  });

  test('shows a write of the old leader in the term of the new one, even if it was refused', () => {
    const late = { ...wrote(6000.5, 'a'), code: 409 };
    assert.deepEqual(problems(A, B, late), ['A: create secrets s 0.500 ms after B had started term 1']);
  });

  test('shows a write after the release', () => {
    const freed = stored(2000, { by: 'a', holder: '', term: 0 });
    assert.deepEqual(problems(A, freed, wrote(2001, 'a')), [
      'A: create secrets s 1.000 ms after term 0 had ended',
    ]);
  });

  test('shows a write before the first term', () => {
    assert.deepEqual(problems(wrote(1, 'b'), A), ['B: create secrets s before the first term']);
  });

  test('does not show writes of others than the contenders', () => {
    assert.deepEqual(problems(A, wrote(2000, 'admin')), []);
  });

  test('shows a takeover before the duration of the record is over', () => {
    const renewed = stored(2000, { by: 'a', holder: 'A', term: 0 });
    const tooEarly = stored(6999, { by: 'b', holder: 'B', term: 1 });
    assert.deepEqual(problems(A, renewed, tooEarly), ['B took the Lease 4999 ms after A had renewed it']);
  });

  test('counts a renewal only if client-go can see it, which reads whole seconds', () => {
    const renewed = (received: number, renewTime: string): AuditedRequest =>
      stored(received, { by: 'a', holder: 'A', term: 0, renewTime });
    const first = renewed(1000, '2026-01-01T00:00:01.000000Z');
    const taken = (): AuditedRequest => stored(6100, { by: 'b', holder: 'B', term: 1 });
    assert.deepEqual(problems(first, renewed(1400, '2026-01-01T00:00:01.400000Z'), taken()), []);
    assert.deepEqual(problems(first, renewed(2000, '2026-01-01T00:00:02.000000Z'), taken()), [
      'B took the Lease 4100 ms after A had renewed it',
    ]);
  });

  test('shows a number of a term that is used twice, or changes within a term', () => {
    assert.deepEqual(problems(A, stored(6000, { by: 'b', holder: 'B', term: 0 })), [
      'term 0 of B follows term 0',
    ]);
    assert.deepEqual(problems(A, stored(2000, { by: 'a', holder: 'A', term: 1 })), [
      'the number of the term changed to 1 without a new holder',
    ]);
  });

  test('shows a renewal or a release by another one than the holder', () => {
    assert.deepEqual(problems(A, stored(2000, { by: 'b', holder: '', term: 0 })), [
      'b changed the Lease of A',
    ]);
  });

  test('shows a stamp of another term or of another identity', () => {
    const stamps = [
      { term: '1', identity: 'A' },
      { term: '0', identity: 'B' },
    ];
    assert.deepEqual(problems(A, ...stamps.map((stamp) => wrote(2000, 'a', stamp))), [
      'A: create secrets s is stamped with term "1" in term 0',
      'A: create secrets s is stamped with another identity than that of term 0',
    ]);
  });
});

suite('late writes', () => {
  test('are excused once for each pause, and other problems never', () => {
    const late = [
      'ours: create events a 1.2 ms after theirs had started term 2',
      'ours: create events b 3.0 ms after term 4 had ended',
    ];
    const other = 'theirs took the Lease 3 ms after ours had renewed it';
    assert.deepEqual(beyondPauses([...late, other], ['ours']), [late[1], other]);
    assert.deepEqual(beyondPauses([...late, other], ['ours', 'ours', 'ours']), [other]);
    assert.deepEqual(beyondPauses([...late, other], ['theirs']), [...late, other]);
    assert.deepEqual(beyondPauses(late, []), late);
  });
});
