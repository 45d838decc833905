/** With which flags the servers run, and why. */
import { get } from 'node:http';
import { join } from 'node:path';

/**
 * For an etcd of one member. It listens on a socket in the folder: no TLS is needed to keep others out, and
 * two that start at once cannot be after the same port, one of them then being used by both apiservers.
 */
export function etcdFlags(folder: string): string[] {
  return [
    `--data-dir=${etcdData(folder)}`,
    `--listen-client-urls=${etcdUrl(folder)}`,
    '--advertise-client-urls=http://none.invalid:2379', // required, must not be a socket, and nobody asks
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync', // the data outlive a crash of etcd, but not of the machine, as the tests
    '--log-level=warn',
  ];
}

/** Where etcd keeps all that is stored. */
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

/** For a kube-apiserver whose keys and tokens are in the folder. */
export function apiServerFlags(folder: string, port: number): string[] {
  const file = (name: string): string => join(folder, name);
  return [
    `--etcd-servers=${etcdUrl(folder)}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // Else it looks for a default route, which a network namespace does not have, and gives up.
    '--advertise-address=127.0.0.1',
    // It would try to write that address into the Service `kubernetes`, where loopback is refused.
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('apiserver.key')}`,
    `--service-account-signing-key-file=${file('apiserver.key')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    // It refuses a Pod until a controller has made the ServiceAccount `default`, and none runs.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

/** For a kube-controller-manager that collects garbage and empties namespaces; it serves its health on the port. */
export function controllerManagerFlags(kubeconfig: string, port: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--controllers=garbage-collector-controller,namespace-controller',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
  ];
}
