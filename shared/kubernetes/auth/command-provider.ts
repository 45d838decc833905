import { AzureAuth } from '@kubernetes/client-node/dist/azure_auth.js';
import { GoogleCloudPlatformAuth } from '@kubernetes/client-node/dist/gcp_auth.js';
import { ProviderError, type TokenProvider } from './auth-provider.ts';
import { providerUser, tokenOf } from './client-node-user.ts';
import type { AuthProviderConfig } from './kubeconfig/types.ts';

/** How to get a kubeconfig that needs no auth provider. */
const SUCCESSORS = {
  gcp: 'install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials`',
  azure: 'install kubelogin and run `kubelogin convert-kubeconfig`',
} as const;

/**
 * The providers `gcp` and `azure`, as client-node implements them: the access token in the kubeconfig until it expires,
 * then the output of the command that the kubeconfig names. The process waits for the command without a time limit.
 */
export class CommandProvider implements TokenProvider {
  readonly #name: keyof typeof SUCCESSORS;
  readonly #user: ReturnType<typeof providerUser>;
  readonly #authenticator: AzureAuth | GoogleCloudPlatformAuth;

  constructor(provider: AuthProviderConfig) {
    this.#name = provider.name === 'azure' ? 'azure' : 'gcp';
    this.#user = providerUser(provider);
    this.#authenticator = this.#name === 'azure' ? new AzureAuth() : new GoogleCloudPlatformAuth();
  }

  async token(): Promise<string> {
    const options = { headers: {} };
    // Errors of client-node quote the command and its output.
    const failed = await this.#authenticator.applyAuthentication(this.#user, options).then(
      () => false,
      () => true,
    );
    const token = failed ? undefined : tokenOf(options);
    if (token !== undefined) return token;
    const problem = this.#hasCommand
      ? 'its command (cmd-path) failed or printed no token'
      : 'the access token is missing or has expired';
    throw new ProviderError(`${problem}: ${SUCCESSORS[this.#name]}`);
  }

  refresh(): Promise<void> {
    if (this.#hasCommand) delete this.#user.authProvider.config['access-token'];
    return Promise.resolve();
  }

  get #hasCommand(): boolean {
    return this.#user.authProvider.config['cmd-path'] !== undefined;
  }
}
