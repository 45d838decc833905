import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { WEB_PAGE } from '../../build/package.ts';
import { makePage, MAX_PAGE } from '../../build/web.ts';
import { bundleScript, bundleWorker } from '../../build/web/script.ts';
import { minifiedStyle } from '../../build/web/style.ts';
import { fillPage } from '../../shared/web-page/fill.ts';
import { pageHeaders } from '../../shared/web-page/headers.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

const folder = temporaryFolder();
const page = readFileSync(WEB_PAGE, 'utf8');
const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page)?.[1] ?? '';

/** Returns the texts of the elements that start with a tag. */
function textsOf(tag: string): readonly string[] {
  return page
    .split(tag)
    .slice(1)
    .map((rest) => rest.split(tag.replace('<', '</'))[0] ?? '');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

suite('the page that seals in a browser', () => {
  test('is the same whenever it is built', async () => {
    assert.ok((await makePage()) === page, 'dist/web/seal.html is another page');
  });

  test('has at most 120 KiB, with a certificate of 4096 bits inside', () => {
    const certificates = [{ name: 'prod', pem: certificatePem('a4096') }];
    const room =
      Buffer.byteLength(fillPage(page, { mode: 'offline', certificates })) - Buffer.byteLength(page);
    assert.ok(room > 1024);
    assert.ok(MAX_PAGE + room <= 120 * 1024, `the certificate takes ${room} bytes`);
    assert.ok(Buffer.byteLength(page) <= MAX_PAGE);
  });

  test('has one script and one style, which its policy allows by their hashes, and nothing else', () => {
    const [scripts, styles] = [textsOf('<script>'), textsOf('<style>')];
    assert.deepEqual([scripts.length, styles.length], [1, 1]);
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      `script-src ${hashOf(scripts[0] ?? '')}`,
      `style-src ${hashOf(styles[0] ?? '')}`,
      'worker-src blob:',
      "connect-src 'none'",
      "form-action 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types sealing-worker',
    ]);
  });

  test('has its policy before all that the policy is about', () => {
    assert.ok(page.indexOf('http-equiv') < page.search(/<(style|script|link|img)/));
    // A browser looks for the encoding in the first 1024 bytes.
    assert.ok(page.indexOf('charset="utf-8"') < 1024);
  });

  test('has no attribute that its policy forbids, and loads no other file', () => {
    const markup = page.replaceAll(/<(script|style)[^>]*>[^]*?<\/\1>|<!--[^]*?-->/g, '');
    assert.match(markup, /<h1>[^]*<\/body>/);
    assert.doesNotMatch(markup, /<[^>]*\s(style|on\w+|src|srcset|action|integrity)\s*=/i);
    assert.doesNotMatch(markup, /<(link|img|iframe|object|embed|base)\b/i);
  });

  test('runs in strict mode, as the modules that it is made of', () => {
    assert.match(
      textsOf('<script>')[0] ?? '',
      /^\(?function\(\)\{["'`]use strict["'`];|^["'`]use strict["'`];/,
    );
  });

  test('has the script of its worker inside, packed and whole', async () => {
    const { code } = await bundleWorker();
    const packed = [...(textsOf('<script>')[0] ?? '').matchAll(/[\w+/]{10000,}=*/g)].map(([text]) => text);
    assert.equal(packed.length, 1);
    assert.equal(inflateRawSync(Buffer.from(packed[0] ?? '', 'base64')).toString(), code);
  });

  test('can be filled for both ways of serving it, with headers that agree with it', () => {
    const certificates = [{ name: 'prod', pem: '</script>' }];
    const offline = fillPage(page, { mode: 'offline', certificates });
    const served = fillPage(page, { mode: 'served', certificates: [] });
    assert.equal(pageHeaders(offline)['content-security-policy'], `${policy}; frame-ancestors 'none'`);
    assert.match(pageHeaders(served)['content-security-policy'] ?? '', /connect-src 'self'/);
    for (const each of [offline, served]) {
      assert.deepEqual(each.split('<script>')[1], page.split('<script>')[1]);
      assert.equal(each.split('<script type="application/json"').length, 2);
    }
  });
});

suite('the build of the page', () => {
  test('refuses a module of Node, wherever it is imported', async () => {
    folder.write('deep.ts', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n");
    const main = folder.write('main.ts', "import { read } from './deep.ts';\nconsole.log(read);\n");
    await assert.rejects(bundleScript(main), /deep\.ts imports node:fs, which browsers do not have/);
  });

  test('refuses a style sheet that loads another file, or that has an error', () => {
    const loading = folder.write('loading.css', 'a { background: url(https://example.com/x.png) }');
    assert.throws(() => minifiedStyle(loading), /must not load other files/);
    const importing = folder.write('importing.css', '@import "other.css";');
    assert.throws(() => minifiedStyle(importing), /must not load other files/);
    const broken = folder.write('broken.css', 'a { color: }}');
    assert.throws(() => minifiedStyle(broken));
  });
});
