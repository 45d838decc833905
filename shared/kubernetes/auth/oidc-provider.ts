import { readFile, stat } from 'node:fs/promises';
import { OpenIDConnectAuth } from '@kubernetes/client-node/dist/oidc_auth.js';
import type { Clock } from '../../clock.ts';
import { failureOf } from '../../errors.ts';
import { ProviderError, type AuthProviderOptions, type TokenProvider } from './auth-provider.ts';
import { providerUser, tokenOf, type ProviderUser } from './client-node-user.ts';
import { parseKubeconfig } from './kubeconfig/parse.ts';
import { refreshTokens, type Tokens } from './oidc-refresh.ts';

/** The tokens as client-node takes them from an OpenID Connect client. */
interface RefreshedTokens {
  readonly id_token: string;
  readonly refresh_token: string;
}

/**
 * The provider `oidc`. client-node decides whether the ID token has expired; the refresh is our own, because the one of
 * client-node 1.4 always fails (kubernetes-client/javascript#2202) and knows neither CA nor client secret.
 */
export class OidcProvider implements TokenProvider {
  readonly #options: AuthProviderOptions;
  readonly #user: ProviderUser;

  constructor(options: AuthProviderOptions) {
    this.#options = options;
    this.#user = providerUser(options.provider);
  }

  async token(): Promise<string> {
    const { config } = this.#user.authProvider;
    // client-node sends no token at all if there is none, and refreshes one that it cannot read.
    config['id-token'] ||= 'none';
    const options = { headers: {} };
    const client = { refresh: (): Promise<RefreshedTokens> => this.#refreshed() };
    try {
      // A new object each time: it takes the lifetime in the issuer's answer for a point in time.
      await new OpenIDConnectAuth().applyAuthentication(this.#user, options, client);
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      // The error of client-node quotes the token.
      throw new ProviderError('the id-token is not a JSON Web Token: log in again');
    }
    return tokenOf(options) ?? this.#cannotRefresh();
  }

  async refresh(): Promise<void> {
    const { config } = this.#user.authProvider;
    if (this.#missing.length > 0) this.#cannotRefresh();
    const tokens = await this.#refreshed();
    config['id-token'] = tokens.id_token;
    config['refresh-token'] = tokens.refresh_token;
  }

  /** Returns the tokens that another program has written to the kubeconfig, or else those that the issuer gives. */
  async #refreshed(): Promise<RefreshedTokens> {
    const { config } = this.#user.authProvider;
    const { provider, environment, host } = this.#options;
    const used = config['id-token'];
    Object.assign(config, await this.#stored());
    const stored = config['id-token'] ?? '';
    if (stored !== used && isValid(stored, host.clock)) return tokensIn(config);
    const refreshed = await refreshTokens({
      settings: new Map(Object.entries(config)),
      kubeconfig: provider.file,
      environment,
    });
    await this.#save(refreshed, config['refresh-token'] !== refreshed.refreshToken);
    return { id_token: refreshed.idToken, refresh_token: refreshed.refreshToken };
  }

  /** Returns the settings in the kubeconfig as it is now; none if it cannot be read again, as from a pipe. */
  async #stored(): Promise<Record<string, string>> {
    const { provider, user } = this.#options;
    try {
      if (!(await stat(provider.file)).isFile()) return {};
      const { users } = parseKubeconfig(await readFile(provider.file), provider.file);
      return Object.fromEntries(users.get(user)?.authProvider?.config ?? []);
    } catch {
      return {};
    }
  }

  async #save(tokens: Tokens, rotated: boolean): Promise<void> {
    const { provider, user, host } = this.#options;
    try {
      // Loads the parser for edits in place.
      const { saveTokens } = await import('./save-tokens.ts');
      await saveTokens(provider.file, user, tokens);
    } catch (error) {
      // Without a new refresh token, the next run refreshes with the old one.
      if (!rotated) return;
      const reason = failureOf(error, 'saving the tokens').describe();
      host.warn?.(
        `warning: ${reason}; the next run needs a new login: the issuer has replaced the refresh token`,
      );
    }
  }

  get #missing(): string[] {
    const { config } = this.#user.authProvider;
    return ['client-id', 'idp-issuer-url', 'refresh-token'].filter((name) => !config[name]);
  }

  #cannotRefresh(): never {
    const names = this.#missing.join(' and ');
    throw new ProviderError(
      `the id-token is missing, has expired or was refused, and cannot be refreshed without ${names}: log in again`,
    );
  }
}

function tokensIn(config: Readonly<Record<string, string>>): RefreshedTokens {
  return { id_token: config['id-token'] ?? '', refresh_token: config['refresh-token'] ?? '' };
}

function isValid(token: string, clock: Clock): boolean {
  try {
    return OpenIDConnectAuth.expirationFromToken(token) * 1000 > clock.now().getTime();
  } catch {
    return false;
  }
}
