import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { plainContext } from '../../../cli/lint/context.ts';
import { lintFile } from '../../../cli/lint/lint-file.ts';
import { LAST_APPLIED } from '../../../shared/api/annotations.ts';
import { parseSealedSecret, type SealedSecret } from '../../../shared/api/sealed-secret.ts';
import type { Secret } from '../../../shared/api/secret.ts';
import { editDocuments } from '../../../shared/manifest/edit.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { SCOPES } from '../../../shared/seal/scope.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal } from '../../../shared/seal/unseal.ts';
import { randomFrom } from '../../support/random.ts';
import { vectorKey } from '../../support/vectors.ts';
import { sealedObject, type SealedObject } from './sealed-lint.ts';

const RUNS = 150;
const CONTEXT = plainContext(new Date('2026-11-30T12:00:00Z'));
const PREFIX = 'sealedsecrets.bitnami.com/';
const NARROWER = { [`${PREFIX}namespace-wide`]: 'true' };
const place = { source: 'db.yaml' };
const decrypter = new Keyring([await vectorKey('c2048')]);
const random = randomFrom(20);

function below(limit: number): number {
  return Math.floor(random() * limit);
}

/** Returns one of the entries, or none. */
function maybe(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(() => below(2) === 0));
}

const COPY = JSON.stringify({ kind: 'Secret', stringData: { password: 'an-old-value' } });

/** Returns the annotations that can be wrong, some of them. */
function annotations(): Record<string, unknown> {
  return maybe({
    [LAST_APPLIED[0]]: COPY,
    [LAST_APPLIED[1]]: COPY,
    [`${PREFIX}managed`]: 'true',
    'example.com/note': 'kept',
  });
}

/** Returns an object with some of the mistakes that can be mended, and some that cannot. */
async function wrongObject(): Promise<object> {
  const scope = SCOPES[below(SCOPES.length)] ?? 'strict';
  const sealed: SealedObject = await sealedObject({ scope, record: below(2) === 0 });
  const { metadata, spec } = sealed;
  // A wider scope than the one that was sealed for would not unseal.
  const isWide = scope === 'cluster-wide';
  if (below(3) === 0) delete spec.encryptedData['user'];
  return {
    ...sealed,
    metadata: {
      ...metadata,
      ...maybe({ creationTimestamp: null, labels: null, finalizers: null }),
      annotations: { ...metadata.annotations, ...annotations(), ...(isWide ? maybe(NARROWER) : {}) },
    },
    spec: {
      ...spec,
      template: {
        ...maybe({ type: null, immutable: null }),
        metadata: {
          ...maybe({ creationTimestamp: null, labels: { app: 'db' } }),
          annotations: annotations(),
        },
        // A null here leaves an item out of the Secret.
        data: maybe({ url: 'postgres://{{ .password }}', password: null, user: null }),
      },
      ...maybe({ data: null }),
    },
    ...maybe({ status: null }),
  };
}

function parsed(text: string): SealedSecret {
  const [document] = readDocuments(Buffer.from(text), place.source);
  return parseSealedSecret(document?.value, place);
}

/** Returns the Secret that the cluster makes, without the annotations that hold copies of a Secret. */
async function secretOf(sealed: SealedSecret): Promise<Secret> {
  const renderer = inProcessRenderer('full');
  const result = await unseal(sealed, { decrypter, renderer, place, signal: new AbortController().signal });
  assert.ok(result.ok, 'the object does not unseal');
  const { secret } = result.unsealed;
  return { ...secret, metadata: { ...secret.metadata, annotations: withoutCopies(secret) } };
}

function withoutCopies({ metadata }: Pick<Secret, 'metadata'>): ReadonlyMap<string, string> {
  const copies: readonly string[] = LAST_APPLIED;
  return new Map([...metadata.annotations].filter(([name]) => !copies.includes(name)));
}

suite('what lint --fix mends', () => {
  test(`makes the same Secret, and needs no second mending, in ${RUNS} random objects`, async () => {
    let edited = 0;
    for (let run = 0; run < RUNS; run++) {
      const object = await wrongObject();
      const before = below(2) === 0 ? dump(object) : JSON.stringify(object, null, 2);
      const report = await lintFile({ file: place.source, bytes: Buffer.from(before) }, CONTEXT);
      const after = editDocuments(Buffer.from(before), place.source, report.edits);
      assert.deepEqual(await secretOf(parsed(after)), await secretOf(parsed(before)));
      assert.deepEqual(parsed(after).encryptedData, parsed(before).encryptedData);
      assert.deepEqual(parsed(after).metadata.labels, parsed(before).metadata.labels);
      const again = await lintFile({ file: place.source, bytes: Buffer.from(after) }, CONTEXT);
      assert.deepEqual(again.edits, []);
      assert.equal(again.findings.length, report.findings.length - report.edits.length);
      edited += report.edits.length;
    }
    assert.ok(edited > RUNS, `only ${edited} edits: the objects are no test`);
  });
});
