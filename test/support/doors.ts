import { readFile } from 'node:fs/promises';
import { podAddress } from '../control-plane/network.ts';
import { ask, type AskOptions, type Told } from './ask.ts';
import type { ControllerProcess } from './controller-process.ts';
import { NAME, NAMESPACE } from './installation.ts';
import type { Setup } from './setup.ts';

/** A way to reach the controller's endpoints. */
export interface Door {
  readonly name: string;
  ask(method: string, path: string, options?: AskOptions): Promise<Told>;
  post(path: string, object: object, options?: AskOptions): Promise<Told>;
}

function door(name: string, root: string, more: AskOptions): Door {
  const asking: Door['ask'] = (method, path, options = {}) => {
    const headers = { ...options.headers, ...more.headers };
    return ask(method, root + path, { ...options, ...more, headers });
  };
  return {
    name,
    ask: asking,
    post: (path, object, options) => asking('POST', path, { ...options, body: JSON.stringify(object) }),
  };
}

/**
 * Returns both ways to reach the controller: directly, as any pod can, and through the API server's proxy, as a user
 * without any granted rights. The latter is missing if the API server cannot reach pods.
 */
export async function doorsTo(
  controller: ControllerProcess,
  { plane }: Setup,
  namespace: string,
): Promise<Door[]> {
  const direct = door('directly', await controller.url(), {});
  if (podAddress() === null) return [direct];
  const token = await plane.newServiceAccountToken(namespace, 'nobody');
  const root = `${plane.server}/api/v1/namespaces/${NAMESPACE}/services/http:${NAME}:http/proxy`;
  const ca = await readFile(plane.caFile, 'utf8');
  return [
    direct,
    door('through the API server', root, { ca, headers: { authorization: `Bearer ${token}` } }),
  ];
}
