import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NO_CERTIFICATES } from '../shared/web-page/fill.ts';
import { noticesFor } from './notices.ts';
import { PACKAGE, WEB_PAGE } from './package.ts';
import { contentSecurityPolicy } from './web/policy.ts';
import { bundleScript } from './web/script.ts';
import { minifiedStyle } from './web/style.ts';

/** The largest page, in bytes: 120 KiB with the certificate of a key of 4096 bits inside, which takes less than 2 KiB. */
export const MAX_PAGE = (120 - 2) * 1024;

const PAGE = join(PACKAGE, 'web', 'page.html');

/** Where `page.html` gets its policy, its style and its certificates, and where its script. */
const HEAD = '<!-- head -->';
const SCRIPT = '<!-- script -->';

/** Builds the page that seals in a browser into `dist/web/seal.html`, and returns its size in bytes. */
export async function buildPage(): Promise<number> {
  const page = await makePage();
  mkdirSync(dirname(WEB_PAGE), { recursive: true });
  writeFileSync(WEB_PAGE, page);
  return Buffer.byteLength(page);
}

/**
 * Makes the page: one HTML file that is offline and has no certificates. Its policy allows its script and its style by
 * their hashes, and nothing else. Throws if the page is larger than `MAX_PAGE`.
 */
export async function makePage(): Promise<string> {
  const { code: script, modules } = await bundleScript();
  const style = minifiedStyle();
  refuseEnd(script, /<\/script|<!--|[\0\r]/i);
  refuseEnd(style, /<\/style|[\0\r]/i);
  const notices = noticesFor(modules);
  refuseEnd(notices, /--!?>/);
  const policy = contentSecurityPolicy({ script, style });
  const head =
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<style>${style}</style>${NO_CERTIFICATES}`;
  const page = [
    [HEAD, head],
    [SCRIPT, `<script>${script}</script>`],
  ].reduce((text, [mark = '', content = '']) => filled(text, mark, content), unindented());
  const whole = `${page}<!--\n${notices}-->\n`;
  const size = Buffer.byteLength(whole);
  if (size > MAX_PAGE) throw new Error(`web: the page has ${size} bytes, more than ${MAX_PAGE}`);
  return whole;
}

/** Returns `page.html` without the indentation of its lines, which means nothing in it. */
function unindented(): string {
  return readFileSync(PAGE, 'utf8').replaceAll(/\s*\n\s*/g, '\n');
}

/** Throws if text would end its element, or if a browser would change it, so that its hash is another one. */
function refuseEnd(text: string, forbidden: RegExp): void {
  const found = forbidden.exec(text);
  if (found) throw new Error(`web: ${JSON.stringify(found[0])} cannot be in an element of the page`);
}

function filled(text: string, mark: string, content: string): string {
  const [before, after, ...more] = text.split(mark);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`web/page.html must have one ${mark}`);
  return before + content + after;
}
