import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  controllerCertificate,
  findController,
  type ControllerProxy,
} from '../../cli/controller-client/controller-proxy.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import { ScriptedApi, refused, type Asked, type Reply } from '../support/scripted-api.ts';

const SERVICE = { namespace: 'kube-system', name: 'sealed-secrets-controller' };
const ONE = '/api/v1/namespaces/kube-system/services/sealed-secrets-controller';
const PROXY = '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:web/proxy';
const FOUND: Reply = {
  status: 200,
  body: { kind: 'Service', spec: { ports: [{ name: 'web' }, { name: 'm' }] } },
};

function list(...services: [namespace: string, name: string, component?: string][]): Reply {
  const items = services.map(([namespace, name, component]) => ({
    metadata: {
      namespace,
      name,
      uid: name,
      resourceVersion: '1',
      labels: component === undefined ? {} : { 'app.kubernetes.io/component': component },
    },
  }));
  return {
    status: 200,
    body: { kind: 'PartialObjectMetadataList', metadata: { resourceVersion: '1' }, items },
  };
}

/** Runs against a scripted API server and returns the requests that it received. */
async function against(
  reply: (asked: Asked) => Reply,
  use: (connection: Connection) => Promise<void>,
): Promise<readonly Asked[]> {
  const api = await ScriptedApi.start(reply);
  try {
    await use({ ...api.api.transport.connection, namespace: 'mine' });
    return api.asked;
  } finally {
    api.stop();
  }
}

async function withController(
  reply: (asked: Asked) => Reply,
  use: (controller: ControllerProxy) => Promise<void>,
): Promise<void> {
  await against(
    (asked) => (asked.path === ONE ? FOUND : reply(asked)),
    async (connection) => {
      const controller = await findController(connection, SERVICE);
      await use(controller).finally(() => controller.close());
    },
  );
}

suite('a missing Service', () => {
  async function lookUp(
    reply: (asked: Asked) => Reply,
  ): Promise<{ message: string; requests: readonly Asked[] }> {
    let message = '';
    const requests = await against(reply, async (connection) => {
      await findController(connection, SERVICE).catch((error: unknown) => {
        message = error instanceof Error ? error.message : '';
      });
    });
    return { message, requests };
  }
  const START =
    'cannot get sealed secret service: no Service "sealed-secrets-controller" in namespace "kube-system": ';

  test("is reported with the chart's Services in all namespaces", async () => {
    const { message, requests } = await lookUp(({ path }) =>
      path === '/api/v1/services'
        ? list(['infra', 'sealed-secrets'], ['infra', 'sealed-secrets-metrics', 'metrics'], ['dev', 'ss'])
        : refused(404, 'NotFound'),
    );
    assert.equal(
      message,
      `${START}there is infra/sealed-secrets, dev/ss (NAMESPACE/NAME); set --controller-name and --controller-namespace`,
    );
    assert.equal(requests.at(-1)?.query.get('labelSelector'), 'app.kubernetes.io/name=sealed-secrets');
  });

  test('is reported with Services of likely namespaces if not all may be listed', async () => {
    const { message, requests } = await lookUp(({ path }) => {
      if (path === '/api/v1/services') return refused(403, 'Forbidden');
      if (path === '/api/v1/namespaces/mine/services') return list(['mine', 'sealed-secrets']);
      return refused(path === ONE ? 404 : 403, 'NotFound');
    });
    assert.match(message, /: there is mine\/sealed-secrets \(NAMESPACE\/NAME\); /);
    assert.equal(requests.length, 2 + 5);
  });

  test('is reported alone if no other Service is found', async () => {
    for (const reply of [
      list(),
      refused(403, 'Forbidden'),
      'cut',
      { status: 200, body: '<html>' },
    ] as const) {
      const { message } = await lookUp(({ path }) => (path === ONE ? refused(404, 'NotFound') : reply));
      assert.equal(message, `${START}set --controller-name and --controller-namespace, or use --cert FILE`);
    }
  });
});

suite('the controller, through the API server', () => {
  test('receives a body, and returns status, headers and body', async () => {
    let asked: Asked | undefined;
    await withController(
      (request) => {
        asked = request;
        return { status: 409, body: '{"a":1}' };
      },
      async (controller) => {
        const body = JSON.stringify({ kind: 'SealedSecret' });
        const answer = await controller.request({ method: 'POST', path: '/v1/verify', body });
        assert.deepEqual(
          [answer.status, answer.body.toString(), answer.retryAfter],
          [409, '{"a":1}', undefined],
        );
        assert.equal(answer.headers['content-type'], 'application/json');
      },
    );
    assert.deepEqual(
      [asked?.method, asked?.path, asked?.body],
      ['POST', `${PROXY}/v1/verify`, { kind: 'SealedSecret' }],
    );
  });

  test('is named in the error if no response arrives', () =>
    withController(
      () => 'cut',
      (controller) =>
        assert.rejects(controller.request({ method: 'POST', path: '/v1/rotate', body: '{}' }), {
          message: new RegExp(
            '^cannot reach the controller: kube-system/sealed-secrets-controller: cannot reach http://127.0.0.1:[0-9]+: the connection was closed$',
          ),
        }),
    ));

  test('may not send an endless response', () =>
    withController(
      () => ({ status: 200, body: 'x'.repeat(1024 * 1024 + 1) }),
      (controller) =>
        assert.rejects(controller.request({ method: 'GET', path: '/v1/cert.pem' }), / is larger than 1 MiB$/),
    ));

  test('has no certificate while it starts', () =>
    withController(
      () => refused(503, 'ServiceUnavailable'),
      (controller) =>
        assert.rejects(controllerCertificate(controller, { bytes: 1024, time: 1000 }), {
          message:
            'cannot fetch certificate: kube-system/sealed-secrets-controller: unavailable (503): the controller is not ready or has no sealing key yet',
        }),
    ));
});
