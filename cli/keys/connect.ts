import { Api } from '../../shared/kubernetes/api/api.ts';
import { connect } from '../../shared/kubernetes/auth/connect.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';
import type { CliContext } from '../context.ts';
import type { KeysOptions } from './options.ts';

/** Runs work with the API server that the flags name, and closes the connections. Throws as `connect`, and as `work`. */
export async function withApi<T>(
  { cluster }: Pick<KeysOptions, 'cluster'>,
  context: CliContext,
  work: (api: Api) => Promise<T>,
): Promise<T> {
  const transport = new Transport(await connect(cluster, context.environment, context));
  try {
    return await work(new Api(transport));
  } finally {
    transport.close();
  }
}
