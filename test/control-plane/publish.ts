import type { AdminClient } from './admin-client.ts';

/** A process that is to be reached as if it were the pod behind a Service. */
export interface Publication {
  namespace: string;
  /** The name of the Service; the Pod is named after it. */
  service: string;
  /** Where the process listens. */
  port: number;
  portName: string;
  /** Not loopback and not link-local, see `podAddress`. */
  address: string;
  /** The port of the Service, when it is another one than that of the process. */
  servicePort?: number;
}

/**
 * Makes `services/http:NAME:PORT/proxy/…` reach the process. May be called again, with another port.
 *
 * The proxy resolves through the legacy Endpoints object, and goes only to an address whose `targetRef` is a
 * Pod of the same namespace with that address in its status (kubernetes/kubernetes#57265). No controller runs
 * that would write either, so they are written here.
 */
export async function publish(client: AdminClient, publication: Publication): Promise<void> {
  const { namespace, service, port, portName, address, servicePort = port } = publication;
  const core = `/api/v1/namespaces/${namespace}`;
  const apply = async (path: string, object: object): Promise<void> => {
    const query = '?fieldManager=test&force=true';
    await client.expect('PATCH', `${core}/${path}${query}`, object, 'application/apply-patch+yaml');
  };

  const pod = `${service}-pod`;
  await apply(`services/${service}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service },
    spec: { ports: [{ name: portName, port: servicePort, targetPort: port, protocol: 'TCP' }] },
  });
  await apply(`pods/${pod}`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod },
    spec: { containers: [{ name: 'outside', image: 'none.invalid/outside' }] },
  });
  const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] };
  await client.expect('PATCH', `${core}/pods/${pod}/status`, { status }, 'application/merge-patch+json');
  await apply(`endpoints/${service}`, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: service },
    subsets: [
      {
        addresses: [{ ip: address, targetRef: { kind: 'Pod', namespace, name: pod } }],
        ports: [{ name: portName, port, protocol: 'TCP' }],
      },
    ],
  });
}
