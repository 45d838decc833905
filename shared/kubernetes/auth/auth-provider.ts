import { SealedSecretsError } from '../../errors.ts';
import { kubernetesFailure } from '../errors.ts';
import type { CredentialSource, Host } from './credential-source.ts';
import type { Credential } from './exec-credential.ts';
import type { AuthProviderConfig } from './kubeconfig/types.ts';

/** How long to use a new token at least, even if the server refuses it, in ms: a refresh would not help. */
const MIN_USE = 10_000;
/** How long to report a failure again before the next attempt, in ms. */
const RETRY_AFTER = 10_000;

/** Issues tokens for a user. Methods throw `ProviderError`. */
export interface TokenProvider {
  /** Returns the token, refreshed if it has expired. */
  token(): Promise<string>;
  /** Refreshes a token that has not expired. */
  refresh(): Promise<void>;
}

/** Why there is no token. The message is safe to show: it quotes no setting and nothing that was sent or received. */
export class ProviderError extends Error {}

/** What an auth provider works with. */
export interface AuthProviderOptions {
  readonly provider: AuthProviderConfig;
  /** The name of the user in the kubeconfig. */
  readonly user: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly host: Host;
}

/**
 * Credentials from an auth provider (`oidc`, `gcp` or `azure`), a mechanism of older kubeconfigs. Loads its code on
 * first use. Concurrent calls share one attempt, and a failed attempt is not repeated for 10 s. Methods throw `NoToken`.
 */
export class AuthProvider implements CredentialSource {
  readonly #options: AuthProviderOptions;
  #loaded: Promise<TokenProvider> | undefined;
  #credential: Credential | undefined;
  /** When the token was last refreshed because the server refused it (`Clock.elapsed`). */
  #refreshedAt = -Infinity;
  #failed: { readonly error: unknown; readonly at: number } | undefined;
  /** The attempt in progress. */
  #running: Promise<Credential> | undefined;

  constructor(options: AuthProviderOptions) {
    this.#options = options;
  }

  async credential(): Promise<Credential> {
    return this.#shared((provider) => provider.token());
  }

  async renew(used: Credential): Promise<void> {
    const { clock } = this.#options.host;
    if (used !== this.#credential || clock.elapsed() - this.#refreshedAt < MIN_USE) return;
    this.#refreshedAt = clock.elapsed();
    await this.#shared(async (provider) => {
      await provider.refresh();
      return provider.token();
    });
  }

  async #shared(attempt: (provider: TokenProvider) => Promise<string>): Promise<Credential> {
    const { clock } = this.#options.host;
    if (this.#failed && clock.elapsed() - this.#failed.at < RETRY_AFTER) throw this.#failed.error;
    this.#running ??= this.#attempt(attempt).finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #attempt(attempt: (provider: TokenProvider) => Promise<string>): Promise<Credential> {
    try {
      const token = await attempt(await (this.#loaded ??= load(this.#options)));
      if (token !== this.#credential?.token) {
        this.#credential = { token, clientCertificate: '', clientKey: '', expires: undefined };
      }
      this.#failed = undefined;
      return this.#credential;
    } catch (error) {
      const problem = error instanceof ProviderError ? error.message : 'it failed';
      const { user, provider } = this.#options;
      const failure = new SealedSecretsError(
        kubernetesFailure({ code: 'NoToken', user, provider: provider.name, problem }),
      );
      this.#failed = { error: failure, at: this.#options.host.clock.elapsed() };
      throw failure;
    }
  }
}

async function load(options: AuthProviderOptions): Promise<TokenProvider> {
  if (options.provider.name === 'oidc') {
    const { OidcProvider } = await import('./oidc-provider.ts');
    return new OidcProvider(options);
  }
  const { CommandProvider } = await import('./command-provider.ts');
  return new CommandProvider(options.provider);
}
