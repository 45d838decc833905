// Seals one password for two clusters, each with its own certificate.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseCertificate, seal, toYaml } from 'sealed-secrets';

const password = process.env.DB_PASSWORD;
if (!password) throw new Error('DB_PASSWORD is not set');

for (const cluster of ['staging', 'production']) {
  const source = `certificates/${cluster}.pem`;
  const certificate = await parseCertificate(await readFile(source, 'utf8'), { source });
  const secret = {
    metadata: { name: 'db', namespace: 'shop', labels: { app: 'shop' } },
    type: 'Opaque',
    stringData: { password },
  };
  const sealed = await seal(secret, { certificate, keyHint: true });
  await mkdir(cluster, { recursive: true });
  await writeFile(`${cluster}/db.yaml`, toYaml(sealed));
  console.log(`${cluster}/db.yaml: sealed for ${certificate.fingerprint}`);
}
