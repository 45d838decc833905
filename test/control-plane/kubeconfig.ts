import { dump } from 'js-yaml';

/** Returns a kubeconfig with one context, `test`. It embeds the certificate, so the file can be copied anywhere. */
export function kubeconfig(server: string, caCertificate: string, token: string, namespace: string): string {
  const ca = Buffer.from(caCertificate).toString('base64');
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
  });
}
