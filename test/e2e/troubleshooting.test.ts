import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { dump } from 'js-yaml';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { podAddress } from '../control-plane/network.ts';
import { until } from '../control-plane/until.ts';
import { entriesFor } from '../docs/messages/explain.ts';
import { CheckoutShell } from '../support/checkout-shell.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { commandsUnder } from '../support/guide.ts';
import { deleteKeys, keySecrets } from '../support/key-secret.ts';
import { PACKAGE } from '../support/package.ts';
import { sealedSecret, type SealedBody } from '../support/sealed.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { Setup } from '../support/setup.ts';

/**
 * Breaks an installation as users do, and follows docs/troubleshooting.md: the message is found on the page by its words,
 * and what the page says mends it.
 */
const NAMESPACE = 'shop';
const PAGE = readFileSync(join(PACKAGE, 'docs', 'troubleshooting.md'), 'utf8');
const BACKUP = 'kubectl get secret -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml';

const shell = new CheckoutShell();
let controller: ControllerProcess;
let certificate: Certificate;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController());
  certificate = await controller.certificate();
  await shell.open(setup.plane.kubeconfig);
  await done(`kubectl create namespace ${NAMESPACE}; umask 077; ${BACKUP} > keys.yaml`);
});

/** Runs a script that must succeed, and returns its output. */
async function done(script: string): Promise<string> {
  const ran = await shell.run(script);
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout;
}

/** Runs a script that must fail, and returns the error of kubeseal. */
async function failed(script: string): Promise<string> {
  const ran = await shell.run(script);
  assert.notEqual(ran.code, 0, ran.stdout);
  const error = ran.stderr.split('\n').find((line) => line.startsWith('error: '));
  assert.ok(error, ran.stderr);
  return error;
}

/** Applies a SealedSecret, and returns the message of its failure. */
async function broken(sealed: SealedBody): Promise<string> {
  await done(`kubectl apply --server-side --force-conflicts -f ${shell.write('broken.yaml', dump(sealed))}`);
  return (await setup.cluster.told(sealed.metadata, 'False')).message;
}

async function mended(sealed: SealedBody): Promise<void> {
  await setup.cluster.told(sealed.metadata, 'True');
}

/** Finds the message on the page by its words. Its entry gives this advice. */
function explained(message: string, advice: RegExp): void {
  const texts = entriesFor(message, PAGE).map(({ text }) => text);
  assert.ok(
    texts.some((text) => advice.test(text)),
    `${message}\nThe page has: ${texts.join('\n')}`,
  );
}

function sealed(name: string, template: object = {}, namespace = NAMESPACE): SealedBody {
  return sealedSecret(certificate, { namespace, name }, { password: `value of ${name}` }, { template });
}

suite('a SealedSecret that does not decrypt', () => {
  test('in another namespace is found by the steps of the page, and opens in its own', async () => {
    const own = sealed('db');
    shell.write('db.yaml', dump(own));
    await done('kubectl create namespace blog');
    const moved = { ...own, metadata: { ...own.metadata, namespace: 'blog' } };
    explained(await broken(moved), /#it-does-not-decrypt/);
    const place = await failed(
      'kubeseal --recovery-unseal --recovery-private-key keys.yaml -n shop --name db -f broken.yaml',
    );
    assert.match(place, /sealed for the name "db" in the namespace "shop"; restore both in metadata/);
    explained(place, /is right/);
    await done('kubectl apply -f db.yaml');
    await mended(own);
    for (const block of commandsUnder('docs/troubleshooting.md', 'It does not decrypt')) await done(block);
  });

  test('because of an annotation is mended as the message says', async () => {
    const own = sealed('scope');
    const scope = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const message = await broken({ ...own, metadata: { ...own.metadata, annotations: scope } });
    explained(message, /added or removed the annotation/);
    assert.match(message, /remove the annotation sealedsecrets.bitnami.com\/cluster-wide: "true"/);
    await done('kubectl annotate sealedsecret -n shop scope sealedsecrets.bitnami.com/cluster-wide-');
    await mended(own);
  });

  test('because its value was cut or changed is told by the status', async () => {
    const own = sealed('damaged');
    const { password = '' } = own.spec.encryptedData;
    const withValue = (value: string): SealedBody => ({
      ...own,
      spec: { ...own.spec, encryptedData: { password: value } },
    });
    explained(await broken(withValue(password.slice(0, 100))), /Git's history/);
    const flipped = `${password.slice(0, 200)}${password[200] === 'A' ? 'B' : 'A'}${password.slice(201)}`;
    await done(`kubectl delete sealedsecret -n ${NAMESPACE} damaged`);
    explained(await broken(withValue(flipped)), /#it-does-not-decrypt/);
  });

  test('because its key is gone opens when the backup is applied', async () => {
    await deleteKeys(setup.cluster);
    const own = sealed('lost');
    explained(await broken(own), /which keys there are/i);
    const log = await controller.logged('no sealing key left');
    explained(log, /backup/);
    await done('kubectl apply -f keys.yaml');
    await mended(own);
    assert.equal((await keySecrets(setup.cluster)).length, 1);
  });

  test('because its key is marked as compromised names the number of such keys', async () => {
    await done(`kubectl label secret -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key --overwrite \
      sealedsecrets.bitnami.com/sealed-secrets-key=compromised`);
    const own = sealed('compromised');
    explained(await broken(own), /taken out of use/);
    await done(`kubectl label secret -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key --overwrite \
      sealedsecrets.bitnami.com/sealed-secrets-key=active`);
    await mended(own);
  });
});

suite('a SealedSecret whose Secret cannot be written', () => {
  test('because there is one already is taken over with the annotation', async () => {
    await done(`kubectl create secret generic -n ${NAMESPACE} taken --from-literal a=b`);
    const own = sealed('taken');
    explained(await broken(own), /kubectl annotate secret NAME/);
    await done(`kubectl annotate secret -n ${NAMESPACE} taken sealedsecrets.bitnami.com/managed=true`);
    await mended(own);
  });

  test('because of a quota is told which', async () => {
    await done('kubectl create namespace full; kubectl create quota none -n full --hard count/secrets=0');
    // No controller manager runs here to compute the usage.
    const status = JSON.stringify({
      status: { hard: { 'count/secrets': '0' }, used: { 'count/secrets': '0' } },
    });
    await done(`kubectl patch quota none -n full --subresource=status --type=merge -p '${status}'`);
    const probe = 'kubectl create secret generic probe -n full --dry-run=server';
    await until('the quota to be in force', async () => (await shell.run(probe)).code !== 0 || undefined);
    explained(await broken(sealed('db', {}, 'full')), /kubectl describe quota/);
    await done('kubectl delete quota none -n full');
    await setup.cluster.told({ namespace: 'full', name: 'db' }, 'True', 120_000);
  });

  test('because it is immutable is mended by deleting the Secret', async () => {
    const own = sealed('fixed', { immutable: true });
    await done(`kubectl apply -f ${shell.write('fixed.yaml', dump(own))}`);
    await mended(own);
    const changed = sealedSecret(
      certificate,
      own.metadata,
      { password: 'another' },
      { template: { immutable: true } },
    );
    explained(await broken(changed), /kubectl delete secret/);
    await done(`kubectl delete secret -n ${NAMESPACE} fixed`);
    await mended(changed);
  });

  test('because of a template is explained with the private key', async () => {
    const template = { data: { url: '{{ .password | atoi | fail }}' } };
    explained(await broken(sealed('template', template)), /--recovery-unseal/);
    const whole = await failed('kubeseal --recovery-unseal --recovery-private-key keys.yaml -f broken.yaml');
    explained(whole, /--recovery-unseal/);
  });

  test('because its type needs other items is told which', async () => {
    explained(await broken(sealed('tls', { type: 'kubernetes.io/tls' })), /change the type/);
  });

  test('because it would be a sealing key is refused', async () => {
    const labels = { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' };
    explained(await broken(sealed('planted', { metadata: { labels } })), /remove the label/);
  });
});

suite('an error of kubeseal', () => {
  before(() => {
    noteSecret('correct horse battery');
    const secret = {
      metadata: { name: 'api', namespace: NAMESPACE },
      stringData: { a: 'correct horse battery' },
    };
    shell.write('secret.yaml', dump(secret));
    shell.write('empty.yaml', dump({ metadata: { name: 'api', namespace: NAMESPACE } }));
    shell.write('cert.pem', certificate.pem);
  });

  for (const [title, script, advice] of [
    [
      'without the Service',
      'kubeseal --controller-namespace other -f secret.yaml',
      /another name or namespace/,
    ],
    ['without a cluster', 'KUBECONFIG=/dev/null kubeseal -f secret.yaml', /Set `KUBECONFIG`/],
    ['without an API server', 'kubeseal --server https://127.0.0.1:1 -f secret.yaml', /nothing listens/i],
    ['about another namespace', 'kubeseal -n other --cert cert.pem -f secret.yaml', /Remove one/],
    ['about an empty Secret', 'kubeseal --cert cert.pem -f empty.yaml', /neither `data` nor/],
    ['about a key in place of a certificate', 'kubeseal --cert keys.yaml -f secret.yaml', /fetch-cert/],
    ['about a missing file', 'kubeseal --cert nothing.pem -f secret.yaml', /path is wrong/],
    ['about a misspelt flag', 'kubeseal --certt cert.pem -f secret.yaml', /misspelt/],
  ] as const) {
    test(`${title} is on the page`, async () => {
      explained(await failed(script), advice);
    });
  }
});

suite('a controller that is down', () => {
  const needsProxy = { skip: podAddress() === null && 'no address but loopback' };

  test('is found by the steps of the page, which work while it runs', needsProxy, async () => {
    const outputs: string[] = [];
    for (const block of commandsUnder('docs/troubleshooting.md', 'The controller is down'))
      outputs.push(await done(block));
    const seen = [
      /deployment.apps\/sealed-secrets-controller/,
      /^ok$/m,
      /^sealed-secrets-controller +sealed-secrets-controller_/m,
      /sealed-secrets-key=active/,
      /^yes\nyes\n/m,
      /^\["--/,
    ];
    assert.equal(outputs.length, seen.length);
    for (const [index, output] of outputs.entries()) assert.match(output, seen[index] ?? /^$/);
  });

  test(
    'leaves the status of a new SealedSecret empty, and no controller answers kubeseal',
    needsProxy,
    async () => {
      assert.equal(await controller.stop('SIGTERM'), 0);
      await done(`kubectl apply -f ${shell.write('waiting.yaml', dump(sealed('waiting')))}`);
      const [, row = ''] = (await done(`kubectl get sealedsecret -n ${NAMESPACE} waiting`)).split('\n');
      assert.match(row, /^waiting +\d+s *$/);
      explained(await failed('kubeseal validate -f waiting.yaml'), /#the-controller-is-down/);
      await setup.use(setup.installation.startReadyController());
      await until('the controller to be leader', () =>
        setup.cluster.told({ namespace: NAMESPACE, name: 'waiting' }, 'True'),
      );
    },
  );
});
