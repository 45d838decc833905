import type { User } from '@kubernetes/client-node';
import type { AuthProviderConfig } from './kubeconfig/types.ts';

/** A user with an auth provider, as client-node's authenticators take it. They change the settings when they refresh. */
export interface ProviderUser extends User {
  readonly authProvider: { readonly name: string; readonly config: Record<string, string> };
}

/** Returns the user of an auth provider, with settings of its own. */
export function providerUser({ name, config }: AuthProviderConfig): ProviderUser {
  return { name: '', authProvider: { name, config: Object.fromEntries(config) } };
}

/** Returns the token that an authenticator has set in the headers; undefined if it has set none. */
export function tokenOf({ headers }: { readonly headers: object }): string | undefined {
  const value: unknown = 'Authorization' in headers ? headers.Authorization : undefined;
  return typeof value === 'string' ? /^Bearer (?!undefined$)(.+)$/s.exec(value)?.[1] : undefined;
}
