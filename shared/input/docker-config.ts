import { base64Text, utf8Bytes } from '../bytes.ts';

/** The registry of kubectl's `--docker-server` by default. */
export const DOCKER_HUB = 'https://index.docker.io/v1/';

/** How to log in to a container registry. */
export interface RegistryLogin {
  readonly server: string;
  readonly username: string;
  readonly password: string;
  readonly email: string | undefined;
}

/**
 * Returns the `.dockerconfigjson` of a login, byte for byte as `kubectl create secret docker-registry` writes it: without
 * empty fields, and with Go's escapes.
 */
export function dockerConfigJson({ server, username, password, email }: RegistryLogin): Uint8Array {
  const auth = base64Text(utf8Bytes(`${username}:${password}`));
  const login = { username, password, ...(email === undefined ? {} : { email }), auth };
  return utf8Bytes(escapedForHtml(JSON.stringify({ auths: { [server]: login } })));
}

/** Escapes what Go's `json.Marshal` escapes in addition: HTML, and the line separators of JavaScript. */
function escapedForHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
