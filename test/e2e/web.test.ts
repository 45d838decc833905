import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { podAddress } from '../control-plane/network.ts';
import { until } from '../control-plane/until.ts';
import { fillPage } from '../../shared/web-page/fill.ts';
import { readTemplate } from '../../shared/web-page/template.ts';
import { ask, type Told } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { deleteKeys } from '../support/key-secret.ts';
import { Setup } from '../support/setup.ts';

/** Asks controllers for the page that seals in a browser, also through the API server's proxy. */
const setup = new Setup();
const needsProxy = { skip: podAddress() === null && 'no address but loopback' };

/** As through `kubectl port-forward`: the browser calls the host localhost. */
const LOCAL = { headers: { host: 'localhost:8080' } };

async function get(controller: ControllerProcess, path: string): Promise<Told> {
  return ask('GET', `${await controller.url()}${path}`, LOCAL);
}

async function pageWith(controller: ControllerProcess, name: string): Promise<string> {
  const { pem } = await controller.certificate();
  return fillPage(readTemplate(), { mode: 'offline', certificates: [{ name, pem }] });
}

suite('a controller', () => {
  test('serves no page by default', async () => {
    const controller = await setup.use(setup.installation.startReadyController());
    for (const path of ['/', '/seal.html']) assert.equal((await get(controller, path)).status, 404);
    await controller.stop();
  });

  test('with --web-ui has no page before its first key, and says so', async () => {
    await deleteKeys(setup.cluster);
    const args = ['--web-ui', '--key-generation', 'never'];
    const controller = await setup.use(setup.installation.startController(args));
    await until('an answer', async () =>
      (await get(controller, '/healthz')).status === 200 ? true : undefined,
    );
    for (const path of ['/', '/seal.html']) {
      const { status, body } = await get(controller, path);
      assert.deepEqual([status, body], [503, 'there is no sealing key yet\n']);
    }
    await controller.stop();
  });

  test('with --web-ui serves the page, and a copy with the newest certificate, also after a renewal', async () => {
    const controller = await setup.use(setup.installation.startReadyController(['--web-ui']));
    const { status, headers, body } = await get(controller, '/');
    assert.equal(status, 200);
    assert.equal(body, fillPage(readTemplate(), { mode: 'served', certificates: [] }));
    assert.match(String(headers['content-security-policy']), /connect-src 'self'.*frame-ancestors 'none'$/);
    const before = await pageWith(controller, 'localhost:8080');
    assert.equal((await get(controller, '/seal.html')).body, before);
    controller.signal('SIGUSR1');
    await controller.logged('sealing key generated');
    const after = await until('the copy with the new certificate', async () => {
      const page = await pageWith(controller, 'localhost:8080');
      return page === before ? undefined : page;
    });
    assert.equal((await get(controller, '/seal.html')).body, after);
    assert.match(
      await controller.metrics(),
      /http_requests_total\{path="\/seal\.html",code="200",method="get"\} 2/,
    );
    await controller.stop();
  });
});

suite('a controller behind the proxy of the API server', needsProxy, () => {
  const proxy = `/api/v1/namespaces/${NAMESPACE}/services/http:${NAME}:http/proxy`;

  /** Asks as a user without any rights but those that the chart gives to everyone. */
  async function asDeveloper(path: string): Promise<Told> {
    const { plane } = setup;
    const token = await plane.newServiceAccountToken('default', 'developer');
    const ca = readFileSync(plane.caFile, 'utf8');
    return ask('GET', plane.server + path, { ca, headers: { authorization: `Bearer ${token}` } });
  }

  test('serves the page with its script, its style and its policy as they are', async () => {
    const controller = await setup.use(setup.installation.startReadyController(['--web-ui']));
    const { status, headers, body } = await asDeveloper(`${proxy}/`);
    assert.equal(status, 200, body);
    const page = fillPage(readTemplate(), { mode: 'served', certificates: [] });
    // The proxy writes tags anew, and rewrites links. Hashes are of what is between the tags.
    for (const element of ['style', 'script'] as const) {
      const text = (html: string): string | undefined =>
        html.split(`<${element}>`)[1]?.split(`</${element}>`)[0];
      assert.ok(text(page));
      assert.equal(text(body), text(page));
    }
    const direct = await get(controller, '/');
    for (const name of [
      'content-security-policy',
      'x-frame-options',
      'referrer-policy',
      'permissions-policy',
    ])
      assert.equal(headers[name], direct.headers[name], name);
    assert.match(body, /<html[^>]* data-mode="served"/);
    await controller.stop();
  });

  test('serves what the page asks for, by its relative address', async () => {
    const controller = await setup.use(setup.installation.startReadyController(['--web-ui']));
    const base = new URL(`${proxy}/`, setup.plane.server);
    const certificate = await asDeveloper(new URL('v1/cert.pem', base).pathname);
    assert.equal(certificate.body, (await controller.certificate()).pem);
    const copy = await asDeveloper(new URL('seal.html', base).pathname);
    assert.equal(copy.headers['content-disposition'], 'attachment; filename="seal.html"');
    assert.ok(copy.body.includes(JSON.stringify(certificate.body)));
    await controller.stop();
  });

  test('leads to the page with a slash at the end, which relative addresses need', async () => {
    const controller = await setup.use(setup.installation.startReadyController(['--web-ui']));
    const { status, headers } = await asDeveloper(proxy);
    assert.deepEqual([status, headers.location], [301, `${proxy}/`]);
    await controller.stop();
  });
});
