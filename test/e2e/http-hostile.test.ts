import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { VERIFY_TYPE } from '../../shared/seal/verify-answer.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import type { Told } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { doorsTo, type Door } from '../support/doors.ts';
import { leaks } from '../support/leaks.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

/** Tests the requests of an attacker who has somebody else's ciphertext, from Git, and can reach the endpoints. */
const CANARY = `canary${randomBytes(12).toString('hex')}`;
const WIDE = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
let controller: ControllerProcess;
let certificate: Certificate;
let doors: Door[];
let victim: Ref;
let attacker: string;
let synced: SealedBody;
/** All answers. */
const answers = new Map<string, string>();

const setup = new Setup(async () => {
  const { plane, installation, cluster } = setup;
  // Other tests cover the rate limit.
  controller = await setup.use(installation.startReadyController(['--rate-limit=0']));
  certificate = await controller.certificate();
  victim = { namespace: await plane.createNamespace('victim'), name: 'db' };
  attacker = await plane.createNamespace('attacker');
  doors = await doorsTo(controller, setup, attacker);
  synced = sealedSecret(certificate, victim, { password: CANARY });
  await cluster.create('sealedsecrets', synced);
  await cluster.told(victim, 'True');
});

async function posted(door: Door, path: string, object: object | string, accept = '*/*'): Promise<Told> {
  const body = typeof object === 'string' ? object : JSON.stringify(object);
  const told = await door.ask('POST', path, { body, headers: { accept } });
  answers.set(`${door.name} ${path} ${answers.size}`, JSON.stringify(told));
  return told;
}

/** Runs the work through each door. */
async function everywhere(work: (door: Door) => Promise<void>): Promise<void> {
  for (const door of doors) await work(door);
}

function templated(template: string): SealedBody {
  return { ...synced, spec: { ...synced.spec, template: { data: { out: template } } } };
}

/** Returns an answer without its time and its random parts. */
function shown({ status, headers, body }: Told, template: string): unknown {
  const others = Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== 'date' && name !== 'audit-id'),
  );
  const length =
    Number(headers['content-length']) - (status === 200 && body !== '' ? JSON.stringify(template).length : 0);
  const frame = body
    .replaceAll(JSON.stringify(template), 'TEMPLATE')
    .replace(/A[A-Za-z0-9+/]{300,}=*/g, 'CIPHERTEXT');
  return { status, headers: { ...others, 'content-length': length }, body: frame };
}

const TEMPLATES = [
  'plain text',
  '{{ .password }}',
  '{{ fail .password }}',
  `{{ if hasPrefix "${CANARY[0] ?? ''}" .password }}{{ fail "yes" }}{{ end }}`,
  '{{ if hasPrefix "no" .password }}{{ fail "yes" }}{{ end }}',
  '{{ mustRegexMatch .password "x" }}',
  '{{ mustRegexMatch "^canary[0-9a-f]{24}$" .password | ternary (fail "a") "b" }}',
  '{{ mustToDate "2006" .password }}{{ urlParse .password }}{{ semverCompare .password "1" }}',
  '{{ index .password 1000000 }}{{ .password.x }}{{ atoi .password | until }}',
  '{{ range until 100000000 }}{{ repeat 1000000 "x" }}{{ end }}',
  '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}',
  '{{ genCA "x" 365 }}{{ genPrivateKey "rsa" }}',
];

suite("another user's SealedSecret with the attacker's template", () => {
  for (const path of ['/v1/verify', '/v1/rotate']) {
    test(`gets the same answer from ${path}, whatever the template would do`, async () => {
      await everywhere(async (door) => {
        const seen = new Set<string>();
        const before = controller.log.length;
        for (const template of TEMPLATES) {
          for (const accept of path === '/v1/verify' ? ['*/*'] : ['*/*', VERIFY_TYPE]) {
            const told = await posted(door, path, templated(template), accept);
            assert.equal(told.status, 200);
            seen.add(JSON.stringify(shown(told, template)));
          }
        }
        assert.equal(seen.size, 1, [...seen].join('\n'));
        const told = await until('the log', () => {
          const lines = controller.log.slice(before).filter(({ message }) => message === 'request answered');
          return lines.length >= TEMPLATES.length ? lines : undefined;
        });
        const lines = new Set(told.map(({ line }) => line.replace(/"time":"[^"]*"/, '')));
        assert.equal(lines.size, 1, [...lines].join('\n'));
      });
    });
  }

  test('gets an answer that depends only on whether the template parses', async () => {
    await everywhere(async (door) => {
      const broken = [
        '{{',
        '{{ .password',
        '{{ nosuchfunction .password }}',
        '{{ if hasPrefix "c" .password }}',
      ];
      const seen = new Set<string>();
      for (const template of broken) {
        const told = await posted(door, '/v1/verify', templated(template), VERIFY_TYPE);
        assert.deepEqual([told.status, told.body], [409, '{"problems":[{"item":"out","code":"Template"}]}']);
        seen.add(JSON.stringify(shown(told, template)));
      }
      assert.equal(seen.size, 1);
    });
  });
});

suite("another user's SealedSecret under the attacker's name", () => {
  test('is not opened, although it was opened just before in its own place', async () => {
    await everywhere(async (door) => {
      for (const path of ['/v1/verify', '/v1/rotate']) {
        assert.equal((await posted(door, path, synced)).status, 200);
        for (const metadata of [
          { ...synced.metadata, namespace: attacker },
          { ...synced.metadata, name: 'other' },
          { ...synced.metadata, annotations: WIDE },
        ]) {
          const { status, body } = await posted(door, path, { ...synced, metadata });
          assert.deepEqual([status, body], [409, ''], door.name);
        }
      }
    });
  });

  test('is not opened under a name that would give the same label', async () => {
    const narrow = { 'sealedsecrets.bitnami.com/namespace-wide': 'true' };
    const label = `${victim.namespace}/${victim.name}`;
    const places = [
      { name: 'x', namespace: label, annotations: narrow },
      { name: '', namespace: label, annotations: narrow },
      { namespace: label, annotations: narrow },
      { name: label, namespace: '' },
      { name: `/${label}`, namespace: '' },
      { name: `${victim.name}\u0000`, namespace: victim.namespace },
      { name: '', namespace: '' },
      {},
    ];
    await everywhere(async (door) => {
      for (const metadata of places) {
        for (const path of ['/v1/verify', '/v1/rotate']) {
          const { status, body } = await posted(door, path, { ...synced, metadata });
          assert.deepEqual([status, body], [409, ''], JSON.stringify(metadata));
        }
      }
    });
  });

  test('gets the same answer whether the key or the label is wrong', async () => {
    const { metadata } = synced;
    await everywhere(async (door) => {
      const seen = new Set<string>();
      for (const name of ['moved', 'elsewhere']) {
        const wide = sealedSecret(certificate, { ...victim, name }, { password: 'x' });
        const told = await posted(door, '/v1/verify', { ...wide, metadata }, VERIFY_TYPE);
        seen.add(JSON.stringify(shown(told, '')));
      }
      const flipped = Buffer.from(synced.spec.encryptedData['password'] ?? '', 'base64');
      flipped[40] = (flipped[40] ?? 0) ^ 1;
      const spec = { encryptedData: { password: flipped.toString('base64') } };
      seen.add(JSON.stringify(shown(await posted(door, '/v1/verify', { ...synced, spec }, VERIFY_TYPE), '')));
      assert.equal(seen.size, 1, [...seen].join('\n'));
    });
  });
});

suite('re-encryption', () => {
  test('does not widen a scope, wherever a wider one is claimed (CVE-2026-22728)', async () => {
    const text = JSON.stringify(synced);
    const claim = `{"annotations":${JSON.stringify(WIDE)}}`;
    const variants: [string, number][] = [
      [text.replace('"template":{}', `"template":{"metadata":${claim}}`), 409],
      [
        text
          .replace('"template":{}', `"template":{"metadata":${claim}}`)
          .replace('"annotations":{}', `"annotations":${JSON.stringify(WIDE)}`),
        409,
      ],
      [text.replace('"template":{}', `"Template":{"Metadata":${claim}}`), 409],
      [text.replace('"annotations":{}', `"annotations":${JSON.stringify(WIDE)}`), 409],
      [text.replace('"annotations":{}', `"annotations":{},"Annotations":${JSON.stringify(WIDE)}`), 400],
      [text.replace('"metadata":', `"metadata":${claim},"metadata":`), 400],
      [
        text.replace('"annotations":{}', '"annotations":{"sealedsecrets.bitnami.com/cluster-wide":true}'),
        400,
      ],
    ];
    const harmless = [
      text.replace('"annotations":{}', `"managedFields":[{"fieldsV1":${claim}}]`),
      text.replace('"annotations":{}', `"annotations":{"Sealedsecrets.bitnami.com/cluster-wide":"true"}`),
    ];
    await everywhere(async (door) => {
      for (const [body, expected] of variants) {
        assert.notEqual(body, text);
        assert.equal((await posted(door, '/v1/rotate', body)).status, expected, body.slice(0, 200));
      }
      for (const body of harmless) {
        assert.notEqual(body, text);
        const told = await posted(door, '/v1/rotate', body);
        assert.equal(told.status, 200);
        const answer = JSON.parse(told.body) as SealedBody;
        assert.equal(
          (await posted(door, '/v1/verify', { ...answer, metadata: synced.metadata })).status,
          200,
        );
        for (const metadata of [
          { ...synced.metadata, annotations: WIDE },
          { ...synced.metadata, namespace: attacker },
        ]) {
          assert.equal((await posted(door, '/v1/verify', { ...answer, metadata })).status, 409);
        }
      }
    });
  });

  test('returns no plaintext', async () => {
    await everywhere(async (door) => {
      const told = await posted(door, '/v1/rotate', templated('{{ .password }}'));
      assert.equal(stringAt(JSON.parse(told.body), 'spec', 'template', 'data', 'out'), '{{ .password }}');
      assert.equal(at(JSON.parse(told.body), 'spec', 'data'), undefined);
    });
  });
});

suite('an item passed off as spec.data', () => {
  test('opens without an answer about its content, like a whole Secret', async () => {
    const data = (text: string): object => ({
      ...synced,
      spec: { data: sealedItem(certificate, victim, text) },
    });
    const whole = JSON.stringify({ kind: 'Secret', apiVersion: 'v1', data: { a: 'YQ==' } });
    await everywhere(async (door) => {
      const seen = new Set<string>();
      for (const text of [CANARY, whole, '{}', '[1]']) {
        seen.add(JSON.stringify(shown(await posted(door, '/v1/verify', data(text), VERIFY_TYPE), '')));
        assert.equal((await posted(door, '/v1/rotate', data(text))).status, 409);
      }
      assert.equal(seen.size, 1, [...seen].join('\n'));
      const item = { ...synced, spec: { encryptedData: { a: sealedItem(certificate, victim, whole) } } };
      assert.equal((await posted(door, '/v1/verify', item)).status, 200);
    });
  });
});

suite('a body that is not a SealedSecret', () => {
  test('is answered with 400 and the same text, and is not quoted', async () => {
    const text = JSON.stringify(synced);
    const bodies = [
      '',
      CANARY,
      text + text,
      text.replace('"name":"db"', `"name":"db","name":"${CANARY}"`),
      `kind: SealedSecret\nmetadata: &m {name: ${CANARY}, x: !!js/function "${CANARY}"}\n`,
      `a: &a [${CANARY}]\n${'bcdefghi'.replace(/./g, (c, i: number) => `${c}: &${c} [${`*${'abcdefgh'[i] ?? ''},`.repeat(10)}]\n`)}`,
      '{'.repeat(50_000),
    ];
    await everywhere(async (door) => {
      for (const body of bodies) {
        const told = await posted(door, '/v1/verify', body);
        assert.deepEqual(
          [told.status, told.body],
          [400, 'the body must be one SealedSecret in JSON or YAML\n'],
        );
      }
    });
  });

  test("is parsed by processes without the controller's environment", async () => {
    for (const door of doors) await posted(door, '/v1/verify', CANARY);
    const { pid } = controller;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    // One process parses small bodies; another one for large bodies may be left over from earlier tests.
    assert.ok(children.length === 1 || children.length === 2, children.join());
    for (const child of children) {
      const environment = readFileSync(`/proc/${child}/environ`, 'utf8');
      const names = environment.split('\0').map((variable) => variable.split('=')[0]);
      assert.deepEqual(
        names.filter((name) => name !== '' && !name?.startsWith('NODE_CHANNEL_')),
        [],
      );
    }
    assert.ok(readFileSync(`/proc/${pid}/environ`, 'utf8').includes('KUBERNETES_SERVICE_HOST'));
  });

  test('writes neither lines nor terminal sequences into the log', async () => {
    const evil = '\u001b[2J\u001b]0;owned\u0007\n{"level":"ERROR","msg":"forged"}\r\u2028\u202e';
    await everywhere(async (door) => {
      const object = {
        ...synced,
        metadata: { ...synced.metadata, name: evil, annotations: { [evil]: evil } },
      };
      assert.equal((await posted(door, '/v1/verify', object)).status, 409);
      assert.equal(
        (await posted(door, '/v1/rotate', { ...object, spec: { encryptedData: { [evil]: evil } } })).status,
        409,
      );
      await door.ask('GET', `/v1/verify?${encodeURIComponent(evil)}`);
      await door.ask('GET', `/${encodeURIComponent(evil)}`, { headers: { 'user-agent': 'owned' } });
    });
    // Each posted object has one line, which is written before the answer but may be read after it.
    const lines = await until('the log', () => {
      const answered = controller.log.filter(({ message }) => message === 'request answered');
      return answered.length >= answers.size ? answered : undefined;
    });
    assert.equal(lines.length, answers.size);
    assert.ok(!/forged|owned/.test(controller.output));
    assert.ok(!controller.output.split('\n').some((line) => line !== '' && !line.startsWith('{')));
  });
});

test('no answer and no log line contains a plaintext or a token', async () => {
  await controller.stop();
  const texts = new Map([...answers, ['log', controller.output]]);
  // Answers may legitimately contain some input: text that the sender wrote.
  assert.deepEqual(leaks(texts, [CANARY, await setup.installation.token()]), []);
  assert.ok(answers.size > 100);
});
