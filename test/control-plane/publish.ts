import type { AdminClient } from './admin-client.ts';

/** A process that the API server reaches as the pod behind a Service. */
export interface Publication {
  namespace: string;
  /** The name of the Service; the Pod is named after it. */
  service: string;
  /** The port on which the process listens. */
  port: number;
  portName: string;
  /** The address of the process, neither loopback nor link-local; see `podAddress`. */
  address: string;
  /** The port of the Service, if it differs from the process's. */
  servicePort?: number;
}

/**
 * Makes the process reachable at `services/http:NAME:PORT/proxy/…`. Can be called again with another port.
 *
 * The proxy resolves the legacy Endpoints object, and only connects to an address whose `targetRef` is a Pod of the
 * same namespace with that address in its status (kubernetes/kubernetes#57265). No controller runs that would write
 * these objects, so this function does.
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
