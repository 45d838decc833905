/** The flags of the servers, with their reasons. */
import { get } from 'node:http';
import { join } from 'node:path';

/**
 * Returns the flags for an etcd with one member. It listens on a socket in the folder, so that access needs no TLS,
 * and two that start at once cannot take the same port, which both API servers would then use.
 */
export function etcdFlags(folder: string): string[] {
  return [
    `--data-dir=${etcdData(folder)}`,
    `--listen-client-urls=${etcdUrl(folder)}`,
    '--advertise-client-urls=http://none.invalid:2379', // required, must not be a socket, and is never used
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync', // the data only has to survive a crash of etcd, not of the machine
    '--log-level=warn',
  ];
}

/** Returns the folder with all stored data. */
export function etcdData(folder: string): string {
  return join(folder, 'etcd');
}

function etcdSocket(folder: string): string {
  return join(folder, 'etcd.sock');
}

function etcdUrl(folder: string): string {
  return `unix://${etcdSocket(folder)}`;
}

/** Whether the etcd of this folder serves requests. */
export async function isEtcdReady(folder: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get({ socketPath: etcdSocket(folder), path: '/readyz' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', reject);
  });
}

/** Returns the flags for a kube-apiserver with its keys and tokens in the folder. */
export function apiServerFlags(folder: string, port: number): string[] {
  const file = (name: string): string => join(folder, name);
  return [
    `--etcd-servers=${etcdUrl(folder)}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // By default it looks for a default route, which a network namespace does not have, and exits.
    '--advertise-address=127.0.0.1',
    // The reconciler would write that address into the Service `kubernetes`, where loopback is rejected.
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('apiserver.key')}`,
    `--service-account-signing-key-file=${file('apiserver.key')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    // The plugin rejects a Pod until a controller has created the ServiceAccount `default`, and none runs.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

/**
 * Returns the flags for a kube-controller-manager that collects garbage and empties namespaces, with its health on
 * the port.
 */
export function controllerManagerFlags(kubeconfig: string, port: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--controllers=garbage-collector-controller,namespace-controller',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
  ];
}
