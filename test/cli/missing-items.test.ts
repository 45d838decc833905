import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { FakeController } from './fake-controller.ts';
import { inProcess } from './in-process.ts';

const folder = temporaryFolder();
const key = folder.write('key.pem', keyPem('c2048'));
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const controller = new FakeController();

const WORDS = 'template item conf refers to missing item "pasword"';

function sealed(data: Readonly<Record<string, string>>): string {
  const ref = { name: 'db', namespace: 'prod' };
  return JSON.stringify(sealedSecret(certificate, ref, { password: 'pw' }, { template: { data } }));
}

const MISSPELT = sealed({ conf: '[{{ .pasword }}]' });
const RIGHT = sealed({ conf: '[{{ .password }}]{{ if .tls }}{{ .cert }}{{ end }}' });

suite('kubeseal with a template that refers to a missing item', () => {
  test('recovers what the controller makes, and warns once for each object', async () => {
    const file = folder.write('two.json', MISSPELT + RIGHT);
    const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', key, '-f', file]);
    assert.deepEqual([ran.code, ran.stderr], [0, `warning: ${file}: document 1: ${WORDS}\n`]);
    const confs = [...ran.stdout.matchAll(/"conf": "(.*)"/g)].map((match) =>
      Buffer.from(match[1] ?? '', 'base64').toString(),
    );
    assert.deepEqual(confs, ['[<no value>]', '[pw]']);
  });

  test('validates it, and warns: the names are enough', async () => {
    const file = folder.write('misspelt.json', MISSPELT);
    controller.reset();
    const kubeconfig = folder.write('kubeconfig', controller.kubeconfig);
    const validate = ['--validate', '--kubeconfig', kubeconfig];
    assert.deepEqual(await inProcess([...validate, '-f', file]), {
      warnings: [`warning: ${file}: ${WORDS}`],
      errors: [],
    });
    const right = folder.write('right.json', RIGHT);
    assert.deepEqual(await inProcess([...validate, '-f', right]), { warnings: [], errors: [] });
  });
});
