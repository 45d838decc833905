import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  None,
  refreshTokenGrant,
  ResponseBodyError,
  type ClientAuth,
  type CustomFetch,
} from 'openid-client';
import { utf8Text } from '../../bytes.ts';
import { decodeBase64 } from '../../api/base64.ts';
import { Deadline } from '../../clock.ts';
import { NetworkError } from '../http/network-error.ts';
import { ProviderError } from './auth-provider.ts';
import { issuerFetch } from './issuer-fetch.ts';

/** The time limit of a refresh, discovery included, in ms. */
const TIME_LIMIT = 30_000;

/** New tokens. */
export interface Tokens {
  readonly idToken: string;
  /** The old refresh token if the issuer has not replaced it. */
  readonly refreshToken: string;
}

/** What a refresh works with. */
export interface RefreshOptions {
  /** The settings of the auth provider: `idp-issuer-url`, `client-id`, `refresh-token` and more. */
  readonly settings: ReadonlyMap<string, string>;
  /** The file that holds the settings. A relative path of a CA is resolved against its folder. */
  readonly kubeconfig: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The time limit, in ms. Defaults to 30 s. */
  readonly timeLimit?: number;
}

/**
 * Gets a new ID token from the issuer (OpenID Connect Core 1.0, section 12), over TLS and through the proxies that the
 * environment names. Throws `ProviderError`.
 */
export async function refreshTokens({
  settings,
  kubeconfig,
  environment,
  timeLimit = TIME_LIMIT,
}: RefreshOptions): Promise<Tokens> {
  const issuer = issuerUrl(settings.get('idp-issuer-url') ?? '');
  const ca = await authority(settings, kubeconfig);
  const deadline = new Deadline(timeLimit);
  const fetch = issuerFetch({ tls: ca === undefined ? {} : { ca }, environment, deadline });
  try {
    return await refreshed(issuer, settings, fetch);
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    throw new ProviderError(`the id-token cannot be refreshed at ${issuer.origin}: ${reasonOf(error)}`);
  } finally {
    deadline.clear();
  }
}

async function refreshed(
  issuer: URL,
  settings: ReadonlyMap<string, string>,
  fetch: CustomFetch,
): Promise<Tokens> {
  const authentication = authenticationWith(settings.get('client-secret') ?? '');
  const options = { [customFetch]: fetch };
  const client = await discovery(issuer, settings.get('client-id') ?? '', undefined, authentication, options);
  const refreshToken = settings.get('refresh-token') ?? '';
  const answer = await refreshTokenGrant(client, refreshToken);
  if (answer.id_token === undefined) throw new NetworkError('its answer holds no id_token');
  return { idToken: answer.id_token, refreshToken: answer.refresh_token ?? refreshToken };
}

/** Returns the URL. Throws `ProviderError` unless it is https: the refresh token is sent there. */
function issuerUrl(text: string): URL {
  if (!URL.canParse(text) || !text.startsWith('https://')) {
    throw new ProviderError('idp-issuer-url is not a URL that starts with https://');
  }
  return new URL(text);
}

/** Returns the CA certificates to trust, PEM; undefined for the system's. As with kubectl, data wins over a file. */
async function authority(
  settings: ReadonlyMap<string, string>,
  kubeconfig: string,
): Promise<string | undefined> {
  const data = settings.get('idp-certificate-authority-data') ?? '';
  const file = settings.get('idp-certificate-authority') ?? '';
  if (data === '' && file === '') return undefined;
  const name = `idp-certificate-authority${data === '' ? '' : '-data'}`;
  const pem = data === '' ? await contents(resolve(dirname(kubeconfig), file)) : decoded(data);
  if (pem?.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new ProviderError(`${name} leads to no PEM certificate that can be read`);
}

async function contents(file: string): Promise<string | undefined> {
  return readFile(file, 'latin1').catch(() => undefined);
}

function decoded(data: string): string | undefined {
  const result = decodeBase64(data);
  return result.ok ? utf8Text(result.bytes) : undefined;
}

/** Returns how to authenticate the client: in the body if the issuer says that it accepts this, else in a header. */
function authenticationWith(secret: string): ClientAuth {
  if (secret === '') return None();
  const [inBody, inHeader] = [ClientSecretPost(secret), ClientSecretBasic(secret)];
  // eslint-disable-next-line @typescript-eslint/max-params -- openid-client calls it
  return (server, client, body, headers) => {
    const accepted = server.token_endpoint_auth_methods_supported ?? [];
    const authenticate = accepted.includes('client_secret_post') ? inBody : inHeader;
    return authenticate(server, client, body, headers);
  };
}

/** The errors of RFC 6749, section 5.2. Any other text of the issuer may quote what was sent. */
const OAUTH_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
];

/** Descriptions of openid-client's error codes. */
const REASONS: Readonly<Record<string, string>> = {
  OAUTH_HTTP_REQUEST_FORBIDDEN: 'its token endpoint is not https',
  OAUTH_REQUEST_PROTOCOL_FORBIDDEN: 'its token endpoint is not https',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'its discovery document is for another issuer',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'it answers with another status than OpenID Connect defines',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: 'the new id-token is for another client or from another issuer',
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: "the new id-token is not valid now: compare this machine's clock",
};

/** Returns why a refresh failed, without anything that was sent or received. */
function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NetworkError) return cause.message;
  }
  if (error instanceof ResponseBodyError) {
    const known = OAUTH_ERRORS.includes(error.error);
    if (!known) return `it answers with status ${error.status}`;
    return error.error === 'invalid_grant'
      ? 'it does not accept the refresh token (invalid_grant): log in again'
      : `it refuses the client (${error.error})`;
  }
  const code = error instanceof ClientError ? (error.code ?? '') : '';
  return REASONS[code] ?? 'its answer is not as OpenID Connect defines it';
}
