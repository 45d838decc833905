/** Tests templates of a malicious user who may write SealedSecrets, against the controller and its other users. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { oversizedRsaKey } from '../support/oversized-key.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

const MEBIBYTE = 1 << 20;

let certificate: Certificate;
let controller: ControllerProcess;
let namespace: string;
let neighbour: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  namespace = await setup.plane.createNamespace('hostile');
  neighbour = await setup.plane.createNamespace('neighbour');
});

/** Creates a SealedSecret with these items and templates. */
async function create(
  ref: Ref,
  items: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, items, { template: { data } }));
}

/** Asserts that a template in another namespace is rendered soon, on a slow machine too. */
async function neighbourIsServed(name: string): Promise<void> {
  const ref = { namespace: neighbour, name };
  const start = performance.now();
  await create(ref, { user: 'ada' }, { greeting: 'Hello {{ .user }}' });
  assert.equal(itemsOf(await setup.cluster.secret(ref))['greeting'], 'Hello ada');
  const took = performance.now() - start;
  assert.ok(took < 40_000, `it took ${took} ms`);
}

/** Returns how many templates have failed, counting each attempt. */
async function failures(): Promise<number> {
  const page = await controller.metrics();
  return Number(/^sealed_secrets_controller_template_failures_total (\d+)$/m.exec(page)?.[1] ?? NaN);
}

/** Returns the running child processes of a process. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc').flatMap((name) => (parentOf(name) === pid ? [Number(name)] : []));
}

/** Returns the parent's pid, the field after the state, which follows the name in parentheses; see proc_pid_stat(5). */
function parentOf(pid: string): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

suite('the outputs of an object', () => {
  test('are limited to the size of a Secret in total, and an object that exceeds it is not retried', async () => {
    const ref = { namespace, name: 'outputs' };
    const item = (i: number): [string, string] => [`item-${i}`, `{{ repeat ${MEBIBYTE} "x" }}`];
    await create(ref, {}, Object.fromEntries(Array.from({ length: 150 }, (_, i) => item(i))));
    const told = await setup.cluster.told(ref, 'False');
    assert.equal(told.reason, 'TemplateError');
    assert.match(told.message, /more templates were skipped/);
    assert.match(told.message, /template: item-\d+: failed while running.*1 MiB/);
    const before = await failures();
    assert.ok(before > 0);
    await neighbourIsServed('beside-outputs');
    assert.equal(await failures(), before);
    assert.equal(await setup.cluster.get('secrets', ref), undefined);
    assert.doesNotMatch(controller.output, / 413/);
  });

  test('count together with the decrypted items', async () => {
    const ref = { namespace, name: 'outputs-and-items' };
    await create(ref, { item: 'x'.repeat(MEBIBYTE / 2) }, { copy: '{{ .item }}', more: '{{ .item }}' });
    const told = await setup.cluster.told(ref, 'False');
    assert.match(told.message, /^template: more: failed while running/);
    const fits = { namespace, name: 'outputs-that-fit' };
    await create(fits, { item: 'x'.repeat(MEBIBYTE / 2) }, { copy: '{{ .item }}' });
    assert.equal(itemsOf(await setup.cluster.secret(fits))['copy']?.length, MEBIBYTE / 2);
  });
});

suite('a broken template', () => {
  test('is named at most ten times', async () => {
    const ref = { namespace, name: 'many-broken' };
    const data = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`item-${i}`, '{{ if }}']));
    await create(ref, {}, data);
    const told = await setup.cluster.told(ref, 'False');
    assert.match(told.message, /19990 more templates were skipped after 10 failures/);
    await neighbourIsServed('beside-broken');
  });
});

suite('the message about a failing template', () => {
  test('is the same for every value and every cause', async () => {
    const failing = `
      {{ if hasPrefix "a" .password }}{{ fail .password }}{{ end }}
      {{ if hasPrefix "b" .password }}
        {{ .password.none }}
      {{ end }}
      {{ if hasPrefix "c" .password }}{{ range 2000000000 }}{{ end }}{{ end }}
      {{ if hasPrefix "d" .password }}{{ repeat 2000000 "x" }}{{ end }}
      {{ if hasPrefix "e" .password }}{{ regexMatch "(" .password }}{{ genPrivateKey "none" | fail }}{{ end }}`;
    const told = [];
    for (const first of ['a', 'b', 'c', 'd', 'e']) {
      const ref = { namespace, name: `reads-${first}` };
      await create(ref, { password: `${first}-canary-of-reading` }, { broken: failing });
      const { reason, message } = await setup.cluster.told(ref, 'False');
      told.push(`${reason} ${message}`);
    }
    assert.equal(new Set(told).size, 1, told.join('\n'));
    assert.match(told[0] ?? '', /^TemplateError template: broken: failed while running/);
    const logged = controller.log.filter(({ line }) => line.includes('/reads-'));
    assert.equal(new Set(logged.map(({ failure }) => failure)).size, 1);
  });
});

suite('a template with a made-up RSA key of 65,536 bits', () => {
  test('does not stop other templates, however many objects have it', async () => {
    const data = { cert: '{{ (genSelfSignedCertWithKey "a" (list) (list) 365 .key).Cert }}' };
    const key = oversizedRsaKey();
    const refs = ['first', 'second'].map((name) => ({ namespace, name: `made-up-${name}` }));
    for (const ref of refs) await create(ref, { key }, data);
    await neighbourIsServed('beside-keys');
    for (const ref of refs) {
      assert.match((await setup.cluster.told(ref, 'False')).message, /^template: cert: failed while running/);
      await setup.cluster.change('sealedsecrets', ref, { metadata: { annotations: { again: 'true' } } });
      await setup.cluster.told(ref, 'False');
    }
    await neighbourIsServed('beside-keys-again');
  });
});

suite('a controller whose templates create keys', () => {
  const slow = Object.fromEntries(['a', 'b', 'c', 'd'].map((item) => [item, '{{ genPrivateKey "rsa" }}']));

  async function makeKeys(round: string): Promise<readonly number[]> {
    for (const name of ['first', 'second', 'third', 'fourth']) {
      await create({ namespace, name: `${round}-${name}` }, {}, slow);
    }
    return until('two processes', () => {
      const children = childrenOf(controller.pid);
      return children.length >= 2 ? children : undefined;
    });
  }

  async function allEnd(pids: readonly number[]): Promise<void> {
    await until('the end of all processes', () => {
      return pids.every((pid) => parentOf(String(pid)) === undefined) || undefined;
    });
  }

  test('ends within ten seconds of SIGTERM, with all its processes', async () => {
    const children = await makeKeys('term');
    assert.equal(await controller.stop('SIGTERM'), 0);
    await allEnd(children);
    assert.doesNotMatch(controller.output, /stopping took too long/);
  });

  test('leaves no process behind when it is killed', async () => {
    controller = await setup.use(setup.installation.startReadyController());
    const children = await makeKeys('kill');
    await controller.stop('SIGKILL');
    await allEnd(children);
  });
});
