import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fillPage } from '../../../shared/web-page/fill.ts';
import { pageHeaders } from '../../../shared/web-page/headers.ts';

const POLICY = "default-src 'none'; connect-src 'none'";
const TEMPLATE =
  `<html lang="en" data-mode="offline"><meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
  '<script type="application/json" id="certificates">[]</script>' +
  `<script>"data-mode=\\"offline\\" connect-src 'none'"</script></html>`;

/** Reads the certificates in a page as a browser does: the element ends at the first end tag. */
function certificatesIn(page: string): unknown {
  const text = /<script type="application\/json" id="certificates">([^]*?)<\/script/i.exec(page)?.[1];
  return JSON.parse(text ?? '');
}

suite('a filled page', () => {
  const HOSTILE = [
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '</SCRIPT >',
    "$& $' $1 $$",
    '"],"\\',
    '\u2028\u0000\ud800',
    '&lt;/script&gt;',
  ];
  for (const name of HOSTILE) {
    test(`has a certificate of the name ${JSON.stringify(name)} as data and nothing else`, () => {
      const certificates = [{ name, pem: `${name}\n` }];
      const page = fillPage(TEMPLATE, { mode: 'offline', certificates });
      assert.deepEqual(certificatesIn(page), certificates);
      const [before = '', after = ''] = TEMPLATE.split('[]');
      assert.ok(page.startsWith(before) && page.endsWith(after));
      assert.doesNotMatch(page.slice(before.length, -after.length), /</);
    });
  }

  test('holds the name and the certificate, and no other field', () => {
    const certificate = { name: 'prod', pem: 'PEM', privateKey: 'secret' };
    assert.deepEqual(certificatesIn(fillPage(TEMPLATE, { mode: 'offline', certificates: [certificate] })), [
      { name: 'prod', pem: 'PEM' },
    ]);
  });

  test('connects to nothing when it is offline', () => {
    const page = fillPage(TEMPLATE, { mode: 'offline', certificates: [] });
    assert.equal(page, TEMPLATE);
  });

  test('connects to its own server when it is served, and keeps its script as it is', () => {
    const page = fillPage(TEMPLATE, { mode: 'served', certificates: [] });
    assert.match(page, /^<html lang="en" data-mode="served">/);
    assert.match(page, /content="default-src 'none'; connect-src 'self'"/);
    assert.equal(page.split('<script>')[1], TEMPLATE.split('<script>')[1]);
  });

  test('is not made from a page that lacks a place to fill', () => {
    for (const part of ['[]', 'data-mode="offline"', "connect-src 'none'"]) {
      const template = TEMPLATE.replaceAll(part, '').replaceAll('data-mode=\\"offline\\"', '');
      assert.throws(() => fillPage(template, { mode: 'served', certificates: [] }), /the page has no /);
    }
  });
});

suite('the headers of a page', () => {
  test('have its own policy, and let nobody frame it', () => {
    const served = pageHeaders(fillPage(TEMPLATE, { mode: 'served', certificates: [] }));
    assert.equal(
      served['content-security-policy'],
      "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
    );
    assert.equal(served['x-frame-options'], 'DENY');
  });

  test('are refused for a page without a policy', () => {
    assert.throws(() => pageHeaders('<html></html>'), /the page has no policy/);
  });
});
