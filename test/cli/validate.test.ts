import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { VERIFY_TYPE } from '../../shared/seal/verify-answer.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { cut, json, text, type Answer } from './fake-api-server.ts';
import { busy, CANARY, FakeController } from './fake-controller.ts';
import { inProcess, type CommandOutput } from './in-process.ts';

const folder = temporaryFolder();
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const DB = { name: 'db', namespace: 'prod' };
const good = JSON.stringify(
  sealedSecret(certificate, DB, { password: 'hunter2' }, { template: { data: { a: '{{ .password }}' } } }),
);
const moved = good.replace('"namespace":"prod"', '"namespace":"shop"');
const file = folder.write('sealed.json', good);
const controller = new FakeController();
const SILENT = ': the controller does not say why; it may not handle this namespace';
beforeEach(() => controller.reset());

function validate(...args: string[]): Promise<CommandOutput> {
  return inProcess([
    '--validate',
    '--kubeconfig',
    folder.write('kubeconfig', controller.kubeconfig),
    ...args,
  ]);
}

suite('kubeseal --validate', () => {
  test('prints nothing if the controller can unseal it', async () => {
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const ran = await kubeseal(['--validate'], { stdin: good, env });
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    assert.deepEqual(controller.sent, [{ body: good, accept: `${VERIFY_TYPE}, */*` }]);
  });

  test('accepts a Secret without items, sealed with --allow-empty-data', async () => {
    const args = ['--allow-empty-data', '--cert', folder.write('c.pem', certificatePem('c2048'))];
    const empty = await kubeseal(args, { stdin: JSON.stringify({ kind: 'Secret', metadata: DB }) });
    assert.equal(empty.stderr, '');
    const output = await validate('-f', folder.write('empty.json', empty.stdout));
    assert.deepEqual(output, { warnings: [], errors: [] });
    assert.deepEqual(JSON.parse(controller.sent[0]?.body ?? ''), JSON.parse(empty.stdout));
  });

  test('names each of several that the controller cannot unseal', async () => {
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const ran = await kubeseal(['--validate', '-f', folder.write('three.json', moved + good + moved)], {
      env,
    });
    assert.deepEqual([ran.code, ran.stdout], [1, '']);
    assert.equal(
      ran.stderr,
      [1, 3]
        .map(
          (i) =>
            `error: unable to decrypt sealed secret: db [${folder.path}/three.json: document ${i}]${SILENT}\n`,
        )
        .join(''),
    );
    assert.equal(controller.sent.length, 3);
  });

  test('sends an object unchanged, in any form', async () => {
    const yaml = `kind: List\nitems:\n- ${JSON.stringify({ ...(JSON.parse(good) as object), status: { x: 1 } })}\n`;
    assert.deepEqual(await validate('-f', folder.write('list.yaml', yaml)), { warnings: [], errors: [] });
    assert.deepEqual(JSON.parse(controller.sent[0]?.body ?? ''), {
      ...(JSON.parse(good) as object),
      status: { x: 1 },
    });
  });

  const UNABLE = `unable to decrypt sealed secret: db [${file}]`;
  const CANNOT = `cannot validate sealed secret: db [${file}]: `;
  const problems =
    (body: object): Answer =>
    (response) =>
      response.writeHead(409, { 'content-type': VERIFY_TYPE }).end(JSON.stringify(body));
  const answers: [string, Answer, string | RegExp][] = [
    ['409', text(CANARY, 409), UNABLE + SILENT],
    [
      '409, and JSON of somebody else',
      json(409, { problems: [{ item: 'a', code: 'NoKey' }] }),
      UNABLE + SILENT,
    ],
    [
      '409, and what is wrong with each item',
      problems({
        problems: [
          { item: 'b\u001b', code: 'NotAString' },
          { item: 'a', code: 'NoKey' },
        ],
      }),
      `${UNABLE}: no key could decrypt secret (a): sealed for another name, namespace or scope, or with an unknown key, or damaged; no key could decrypt secret (b\\u{1b}): the value is not a string`,
    ],
    [
      '409, and invented problems',
      problems({ problems: [{ item: 'a', code: CANARY }, { item: 1, code: 'NoKey' }, null] }),
      UNABLE + SILENT,
    ],
    ['409, and problems that are none', problems({ problems: CANARY }), UNABLE + SILENT],
    [
      '404',
      text(CANARY, 404),
      `${CANNOT}not found (404); check that this Service is the sealed-secrets controller`,
    ],
    ['413', text(CANARY, 413), `${CANNOT}the object is too large (413)`],
    ['500', text(CANARY, 500), `${CANNOT}the API server refused to proxy the request to the controller: 500`],
    [
      '503',
      json(503, { message: CANARY }),
      `${CANNOT}unavailable (503): the controller is not ready or has no sealing key yet`,
    ],
    [
      '502, and a page',
      text(`<html>${CANARY}`, 502),
      `${CANNOT}the API server refused to proxy the request to the controller: 502`,
    ],
    [
      '302',
      (response) => response.writeHead(302, { location: '/x' }).end(),
      /^cannot validate sealed secret: .*302$/,
    ],
    [
      'half an answer',
      cut,
      /^cannot reach the controller: .*: cannot reach http:\S+: the connection was closed$/,
    ],
  ];
  for (const [what, answer, words] of answers) {
    test(`fails if the answer is ${what}`, async () => {
      controller.onVerify(() => answer);
      const { errors } = await validate('-f', file);
      assert.equal(errors.length, 1);
      if (typeof words === 'string') assert.equal(errors[0], words);
      else assert.match(errors[0] ?? '', words);
      assert.doesNotMatch(errors.join(), new RegExp(CANARY));
    });
  }

  test('reports why a template cannot be parsed, in the words of the status', async () => {
    const typo = JSON.stringify(
      sealedSecret(
        certificate,
        DB,
        { password: 'x' },
        { template: { data: { url: 'a\n{{ .password | uper }}' } } },
      ),
    );
    const typoFile = folder.write('typo.json', typo);
    const validateItems = async (...items: string[]): Promise<CommandOutput> => {
      controller.onVerify(() => problems({ problems: items.map((item) => ({ item, code: 'Template' })) }));
      return validate('-f', typoFile);
    };
    const unable = `unable to decrypt sealed secret: db [${typoFile}]`;
    assert.deepEqual((await validateItems('url')).errors, [
      `${unable}: template: url:2: function "uper" not defined (url)`,
    ]);
    // Another controller may refuse more than is wrong here.
    assert.deepEqual((await validateItems('other')).errors, [
      `${unable}: the template cannot be parsed (other)`,
    ]);
  });

  test('rejects a web page with 200 as an answer', async () => {
    // A proxy on the way shows its login page.
    controller.onVerify(
      () => (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<html>${CANARY}`),
    );
    const { errors } = await validate('-f', file);
    assert.deepEqual(errors, [`${CANNOT}the response is a web page; check for a proxy in between`]);
  });

  test('reads every document before it sends the first', async () => {
    for (const [input, words] of [
      [`${good}{"kind": "Secret"}`, /document 2 is a Secret, not a SealedSecret$/],
      [`${good}{`, /neither JSON nor YAML/],
      ['', /holds no document: expected a SealedSecret$/],
    ] as const) {
      const { errors } = await validate('-f', folder.write('input', input));
      assert.match(errors.join('\n'), words);
    }
    assert.deepEqual(controller.sent, []);
  });

  test('stops at once if there is no controller', async () => {
    controller.server.answers.clear();
    const { errors } = await validate('-f', folder.write('many', good.repeat(3)));
    assert.equal(errors.length, 1);
    assert.match(
      errors[0] ?? '',
      /^cannot get sealed secret service: no Service "sealed-secrets-controller" /,
    );
    const asked = controller.server.requests.filter(({ line }) =>
      line.endsWith('/sealed-secrets-controller'),
    );
    assert.equal(asked.length, 1);
  });
});

suite('a busy controller', () => {
  /** Busy every other time, as one that serves two a second is. */
  function busyEveryOtherTime(retryAfter: string): void {
    let asked = 0;
    controller.onVerify(() => (asked++ % 2 === 0 ? busy(retryAfter) : text('')));
  }

  test('is asked again after the delay that it names, so that a file of 50 succeeds', async () => {
    busyEveryOtherTime('0.5');
    const waits: number[] = [];
    const clock = {
      now: () => new Date(),
      elapsed: () => 0,
      sleep: (ms: number) => Promise.resolve(void waits.push(ms)),
    };
    const kubeconfig = folder.write('kubeconfig', controller.kubeconfig);
    const many = folder.write('fifty.json', good.repeat(50));
    const output = await inProcess(['--validate', '--kubeconfig', kubeconfig, '-f', many], clock);
    assert.deepEqual(output, { warnings: [], errors: [] });
    assert.deepEqual([controller.sent.length, waits], [100, Array.from({ length: 50 }, () => 500)]);
  });

  test('is asked again by the process too', async () => {
    busyEveryOtherTime('0.01');
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const ran = await kubeseal(['--validate'], { stdin: good.repeat(3), env });
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    assert.equal(controller.sent.length, 6);
  });

  test('is asked ten times at most', async () => {
    controller.onVerify(() => busy('0'));
    const { errors } = await validate('-f', file);
    assert.deepEqual(errors, [
      `cannot validate sealed secret: db [${file}]: too many requests (429); try again later`,
    ]);
    assert.equal(controller.sent.length, 10);
  });
});

test('a validated file stays unchanged', () => assert.equal(readFileSync(file, 'utf8'), good));
