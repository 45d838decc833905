import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ApiObject, App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { parseCertificate, seal, type SealedSecretManifest } from 'sealed-secrets';

/** The SealedSecret as it was sealed last. It is in Git, since sealing again would change its ciphertexts. */
const SEALED = 'sealed/db.json';

/** A database password, and a Pod that reads it. */
class Shop extends Chart {
  constructor(scope: Construct, id: string, database: SealedSecretManifest) {
    super(scope, id);
    new ApiObject(this, 'password', database);
    const { name, namespace } = database.metadata;
    const secretKeyRef = { name, key: 'password' };
    new ApiObject(this, 'pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'shop', ...(namespace === undefined ? {} : { namespace }) },
      spec: {
        containers: [
          { name: 'shop', image: 'shop', env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef } }] },
        ],
      },
    });
  }
}

/** Seals the password if there is a new one, and reads the SealedSecret otherwise. */
async function database(): Promise<SealedSecretManifest> {
  const password = process.env['DB_PASSWORD'];
  if (password === undefined) return JSON.parse(await readFile(SEALED, 'utf8')) as SealedSecretManifest;
  if (password === '') throw new Error('DB_PASSWORD is empty');
  const certificate = await parseCertificate(await readFile('cert.pem', 'utf8'), { source: 'cert.pem' });
  const secret = { metadata: { name: 'db', namespace: 'shop' }, stringData: { password } };
  const sealed = await seal(secret, { certificate, keyHint: true });
  await mkdir(dirname(SEALED), { recursive: true });
  await writeFile(SEALED, `${JSON.stringify(sealed, null, 2)}\n`);
  return sealed;
}

const app = new App();
// A chart cannot wait for a promise, so the Secret is sealed before there is one.
new Shop(app, 'shop', await database());
app.synth();
