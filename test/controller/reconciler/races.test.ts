import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OWNER_UID } from '../../../shared/api/annotations.ts';
import { at } from '../../control-plane/admin-client.ts';
import { itemsOf, uidOf } from '../../support/cluster.ts';
import { base64 } from '../../support/objects.ts';
import { sealedItem } from '../../support/sealed.ts';
import { CERTIFICATE, NAMESPACE, startTestBed } from '../../support/test-bed.ts';

const SECRET = /\/secrets\/db$/;
const SECRETS = /\/secrets$/;
const STATUS = /\/sealedsecrets\/db\/status$/;
const REF = { namespace: NAMESPACE, name: 'db' };

suite('between reading and writing', () => {
  test('a Secret that is taken away from the SealedSecret is not overwritten', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    seal('db');
    await controller.settle(REF);
    server.change('secrets', REF, { data: { a: base64('edited') } });
    server.beforeNext('PUT', SECRET, () => {
      server.change('secrets', REF, {
        metadata: { ownerReferences: null, annotations: { [OWNER_UID]: null } },
      });
      return undefined;
    });
    assert.equal((await controller.settle(REF)).reason, 'NotManaged');
    assert.deepEqual(itemsOf(server.get('secrets', REF)), { a: 'edited' });
    assert.deepEqual(
      server.of('PUT', SECRET).map(({ status }) => status),
      [409],
    );
  });

  test('a deleted Secret is created again, and no failure is reported', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    seal('db');
    await controller.settle(REF);
    const first = server.change('secrets', REF, { data: { a: base64('edited') } });
    server.beforeNext('PUT', SECRET, () => {
      server.delete('secrets', REF);
      return undefined;
    });
    assert.equal(await controller.reconcile(REF), 'synced');
    const again = server.get('secrets', REF);
    assert.notEqual(uidOf(again), uidOf(first));
    assert.deepEqual(itemsOf(again), { a: 'one' });
    for (const { body } of server.of('PUT', STATUS))
      assert.equal(at(body, 'status', 'conditions', 0, 'status'), 'True');
  });

  test('a Secret that is deleted and created by another client is not overwritten', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    seal('db');
    await controller.settle(REF);
    server.change('secrets', REF, { data: { a: base64('edited') } });
    server.beforeNext('PUT', SECRET, () => {
      server.delete('secrets', REF);
      server.create('secrets', { metadata: REF });
      return undefined;
    });
    assert.equal((await controller.settle(REF)).reason, 'NotManaged');
    assert.deepEqual(itemsOf(server.get('secrets', REF)), {});
  });

  test('a Secret that another client creates is not overwritten', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    seal('db');
    server.beforeNext('POST', SECRETS, () => {
      server.create('secrets', { metadata: REF });
      return undefined;
    });
    assert.equal((await controller.settle(REF)).reason, 'NotManaged');
    assert.deepEqual(itemsOf(server.get('secrets', REF)), {});
  });

  test('a SealedSecret that is edited gets no status of its previous generation', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    seal('db');
    server.beforeNext('PUT', STATUS, () => {
      const encryptedData = { b: sealedItem(CERTIFICATE, REF, 'two') };
      server.change('sealedsecrets', REF, { spec: { encryptedData } });
      return undefined;
    });
    assert.equal(await controller.reconcile(REF), 'backoff');
    assert.equal(at(server.get('sealedsecrets', REF), 'status', 'conditions'), undefined);
    const { observedGeneration } = await controller.settle(REF);
    assert.equal(observedGeneration, 2);
    assert.deepEqual(itemsOf(server.get('secrets', REF)), { a: 'one', b: 'two' });
    assert.deepEqual(
      controller.log.filter(({ level }) => level !== 'INFO'),
      [],
    );
  });
});

suite('a SealedSecret that is deleted during its reconcile', () => {
  test('and created again is reconciled again, and no failure is reported', async (t) => {
    const { server, controller, seal } = await startTestBed(t);
    seal('db');
    server.beforeNext('PUT', STATUS, () => {
      server.delete('sealedsecrets', REF);
      server.beforeNext('GET', /\/sealedsecrets\/db$/, () => {
        seal('db');
        return undefined;
      });
      return undefined;
    });
    assert.equal(await controller.reconcile(REF), 'backoff');
    assert.deepEqual(
      server.of('PUT', STATUS).map(({ status }) => status),
      [404],
    );
    assert.deepEqual(
      controller.log.filter(({ level }) => level !== 'INFO'),
      [],
    );
  });

  const requests: readonly (readonly [method: string, path: RegExp])[] = [
    ['GET', /\/sealedsecrets\/db$/],
    ['GET', SECRET],
    ['POST', SECRETS],
    ['PUT', STATUS],
    ['POST', /\/events$/],
  ];
  for (const [method, path] of requests) {
    test(`is no failure: before ${method} ${path.source.replaceAll('\\', '')}`, async (t) => {
      const { server, controller, seal } = await startTestBed(t);
      seal('db');
      server.beforeNext(method, path, () => {
        server.delete('sealedsecrets', REF);
        return undefined;
      });
      const result = await controller.reconcile(REF);
      assert.ok(result === 'never' || result === 'synced', JSON.stringify(result));
      assert.equal(await controller.reconcile(REF), 'never');
      assert.deepEqual(
        controller.log.filter(({ level }) => level !== 'INFO'),
        [],
      );
    });
  }
});
