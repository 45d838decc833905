import { createHash } from 'node:crypto';
import { OFFLINE_CONNECTIONS } from '../../shared/web-page/fill.ts';

/** The parts of a page that its policy allows. */
export interface AllowedParts {
  readonly script: string;
  readonly style: string;
}

/**
 * Returns the Content-Security-Policy of the page: nothing but its own script and style, and a worker that the script
 * has inside. The page is offline, and connects to nothing.
 */
export function contentSecurityPolicy({ script, style }: AllowedParts): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'worker-src blob:',
    OFFLINE_CONNECTIONS,
    "form-action 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types sealing-worker',
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
