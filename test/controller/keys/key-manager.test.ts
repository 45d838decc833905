import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { nextKeyName } from '../../../controller/keys/key-name.ts';
import { at, stringAt } from '../../control-plane/admin-client.ts';
import { until } from '../../control-plane/until.ts';
import { FakeClock, STEPS } from '../../support/fake-clock.ts';
import { ACTIVE, keyItems, keySecret, namesOfCertificate } from '../../support/key-secret.ts';
import { DAY } from '../../support/keys.ts';
import { refused, type Asked, type Reply } from '../../support/scripted-api.ts';
import { bring, isCreate, KEY_OPTIONS, rig, serve, type Rig } from '../../support/key-rig.ts';

const MINUTE = 60_000;

suite('the time of the next renewal', () => {
  for (const [title, options, days] of [
    ['follows from the age of the newest key', {}, 20],
    ['is unknown if keys are not renewed', { renewPeriod: 0 }, undefined],
    ['is unknown if keys are not generated', { generation: 'never' }, undefined],
  ] as const) {
    test(title, async () => {
      const { clock, server } = await serve();
      await bring(server, 'sealed-secrets-key', 10);
      const made = rig({ clock, server }, options);
      assert.equal(made.renewalDue, undefined);
      await made.run();
      const due = days === undefined ? undefined : new Date(clock.now().getTime() + days * DAY);
      assert.deepEqual(made.renewalDue, due);
    });
  }
});

suite('the first key', () => {
  test('is generated if neither a complete list nor the legacy name has one', async () => {
    const { server, ...rest } = await serve();
    const { newest, logged } = await rig({ server, ...rest }).run();
    const { asked } = server.scripted;
    assert.deepEqual(
      asked.map(({ method, path }) => `${method} ${path.replace(/key\w{5}$/, 'keyXXXXX')}`),
      [
        'GET /api/v1/namespaces/kube-system/secrets',
        'GET /api/v1/namespaces/kube-system/secrets/sealed-secrets-key',
        'GET /api/v1/namespaces/kube-system/secrets',
        'POST /api/v1/namespaces/kube-system/secrets',
      ],
    );
    assert.equal(stringAt(asked[3]?.body, 'metadata', 'name'), newest);
    assert.match(logged.join('\n'), /^sealing key generated .+\nsealing keys loaded \{"keys":1,/);
  });

  const page = (items: readonly object[], next = ''): Reply => ({
    status: 200,
    body: { kind: 'SecretList', apiVersion: 'v1', metadata: { resourceVersion: '9', continue: next }, items },
  });
  const lists = (first: Reply, second?: Reply): ((asked: Asked) => Reply | undefined) => {
    return ({ method, path, query }) => {
      if (method !== 'GET' || !path.endsWith('/secrets')) return undefined;
      return query.get('continue') ? second : first;
    };
  };
  const legacy = (reply: Reply): ((asked: Asked) => Reply | undefined) => {
    return ({ path }) => (path.endsWith('/sealed-secrets-key') ? reply : undefined);
  };
  const refusals: [string, (asked: Asked) => Reply | undefined][] = [
    ['the list is refused', lists(refused(403, 'Forbidden'))],
    ['the list fails', lists(refused(500, 'InternalError'))],
    ['the list does not come', lists('cut')],
    ['the second page is refused', lists(page([], 'two'), refused(500, 'InternalError'))],
    ['the second page has expired', lists(page([], 'two'), refused(410, 'Expired'))],
    ['the second page does not come', lists(page([], 'two'), 'cut')],
    ['the list is an empty object', lists({ status: 200, body: {} })],
    ['the list is a page of someone in between', lists({ status: 200, body: '<html>' })],
    ['the list is a status', lists({ status: 200, body: { kind: 'Status', metadata: {} } })],
    ['the list has no version', lists({ status: 200, body: { kind: 'SecretList', items: [] } })],
    ['the legacy name is refused', legacy(refused(403, 'Forbidden'))],
    ['the legacy name fails', legacy(refused(503, 'ServiceUnavailable'))],
    ['the legacy name does not come', legacy('cut')],
    ['the legacy name is no Secret', legacy({ status: 200, body: {} })],
  ];
  for (const [when, fault] of refusals) {
    test(`is never generated when ${when}`, async () => {
      const served = await serve();
      served.server.fault = fault;
      const { logged } = await rig(served).run();
      assert.match(logged[0] ?? '', /^sealing keys are not available yet; retrying/);
      assert.deepEqual(served.server.scripted.of('POST'), []);
    });
  }

  test('is not used before it is written', async () => {
    const served = await serve();
    served.server.fault = (asked) => (isCreate(asked) ? refused(403, 'Forbidden') : undefined);
    const running = await rig(served).run();
    assert.match(running.logged[0] ?? '', /sealing keys are not available yet.+refused to create Secret/);
    assert.equal(running.pem, undefined);
    assert.equal(running.keys.keyring.size, 0);
    served.server.fault = () => undefined;
    await running.pass(MINUTE);
    assert.ok(running.keys.certificate);
  });

  test('has the same name and content at every attempt', async () => {
    const served = await serve();
    served.server.fault = (asked) => (isCreate(asked) ? 'cut' : undefined);
    const running = await rig(served).run();
    await running.pass(MINUTE);
    const [first, second] = served.server.scripted.of('POST').map(({ body }) => body);
    assert.ok(first !== undefined);
    assert.deepEqual(second, first);
  });

  test('is found and used when the answer to its creation is lost', async () => {
    const served = await serve();
    served.server.fault = (asked) => (isCreate(asked) ? 'lost' : undefined);
    const running = await rig(served).run();
    assert.equal(running.newest, undefined);
    await running.pass(MINUTE);
    assert.equal(running.newest, [...served.server.secrets.keys()][0]);
    assert.equal(served.server.scripted.of('POST').length, 1);
  });

  test('has the properties that the flags set, and always the active label', async () => {
    const [label = ''] = Object.keys(ACTIVE);
    const made = {
      ...KEY_OPTIONS.made,
      commonName: 'sealer',
      validity: 5 * DAY,
      labels: new Map([
        ['team', 'a'],
        [label, 'off'],
      ]),
      annotations: new Map([['note', 'b']]),
    };
    const { keys, server, newest = '' } = await rig(await serve(), { made }).run();
    const secret = server.secrets.get(newest);
    assert.deepEqual(at(secret, 'metadata', 'labels'), { team: 'a', ...ACTIVE });
    assert.deepEqual(at(secret, 'metadata', 'annotations'), { note: 'b' });
    const { notBefore, notAfter } = keys.certificate ?? {};
    assert.equal(Number(notAfter) - Number(notBefore), 5 * DAY);
  });
});

suite('existing keys', () => {
  test('are used wherever in the list they are, and none is generated', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 3);
    await bring(served.server, 'sealed-secrets-key', 5, {});
    served.server.put(keySecret('sealed-secrets-keyx', { 'tls.key': 'x' }));
    const { keys } = await rig(served).run();
    assert.deepEqual(
      keys.all.map(({ secretName }) => secretName),
      ['sealed-secrets-keyb', 'sealed-secrets-key'],
    );
    assert.deepEqual(served.server.scripted.of('POST'), []);
  });

  test('that cannot be read are logged once, not at each load', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 3);
    served.server.put(keySecret('sealed-secrets-keyx', { 'tls.key': 'x' }));
    const running = await rig(served).run();
    await running.changed();
    await running.changed();
    assert.equal(running.logs('skipping invalid sealing key').length, 1);
    served.server.relabel('sealed-secrets-keyx', { ...ACTIVE, touched: 'yes' });
    await running.changed();
    assert.equal(running.logs('skipping invalid sealing key').length, 2);
  });

  test('that have expired decrypt, and a new one is generated to seal', async () => {
    const served = await serve();
    const notBefore = new Date('2020-01-01T00:00:00Z');
    served.server.put(keySecret('sealed-secrets-keyb', await keyItems({ notBefore, validity: DAY })));
    const running = await rig(served).run();
    assert.match(
      running.logs('sealing key is used for decryption only')[0] ?? '',
      /CertificateExpired.+January 2, 2020/,
    );
    assert.notEqual(running.newest, 'sealed-secrets-keyb');
    assert.equal(running.keys.keyring.size, 2);
  });

  test('that become valid in a moment are waited for, and those in a day are not', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', -MINUTE / DAY);
    const running = await rig(served).run();
    assert.equal(running.newest, undefined);
    assert.match(running.logged.join(), /not valid yet; check the clock of this machine/);
    await running.pass(MINUTE);
    assert.equal(running.newest, 'sealed-secrets-keyb');
    assert.deepEqual(served.server.scripted.of('POST'), []);

    const other = await serve();
    await bring(other.server, 'sealed-secrets-keyb', -1);
    const { newest } = await rig(other).run();
    assert.ok(newest !== undefined && newest !== 'sealed-secrets-keyb');
  });

  test('follow their Secrets, and the listener is called for each change', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 5);
    const running = await rig(served).run();
    assert.equal(running.arrivals, 1);

    await bring(served.server, 'sealed-secrets-keyc', 3);
    await running.changed();
    assert.deepEqual([running.newest, running.keys.keyring.size], ['sealed-secrets-keyc', 2]);
    assert.equal(running.arrivals, 2);

    const [label = ''] = Object.keys(ACTIVE);
    served.server.relabel('sealed-secrets-keyc', { [label]: 'compromised' });
    await running.changed();
    assert.deepEqual([running.newest, running.keys.keyring.size], ['sealed-secrets-keyb', 1]);
    assert.deepEqual([running.arrivals, running.departures], [2, 1]);
    assert.equal(running.keys.keyring.compromised, 1);

    served.server.relabel('sealed-secrets-keyc', ACTIVE);
    await running.changed();
    assert.deepEqual([running.departures, running.keys.keyring.compromised], [1, 0]);
    assert.deepEqual([running.newest, running.arrivals], ['sealed-secrets-keyc', 3]);
    assert.equal(running.logs('sealing key no longer in use').length, 1);
    assert.equal(running.logs('sealing key added').length, 2);
  });

  test('are used even if those labelled compromised cannot be counted', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 5);
    served.server.fault = ({ query }) =>
      query.get('labelSelector')?.endsWith('=compromised') ? refused(403, 'Forbidden') : undefined;
    const { newest, keys } = await rig(served).run();
    assert.deepEqual([newest, keys.keyring.compromised], ['sealed-secrets-keyb', 0]);
  });

  test('stay in use while the API server is unreachable', async () => {
    const served = await serve();
    const pem = await bring(served.server, 'sealed-secrets-keyb', 5);
    const running = await rig(served).run();
    served.server.fault = () => refused(403, 'Forbidden');
    await running.changed();
    assert.equal(running.pem, pem);
    assert.match(running.logged.at(-1) ?? '', /^failed to refresh sealing keys; retrying/);
    served.server.fault = () => undefined;
    await bring(served.server, 'sealed-secrets-keyc', 3);
    await running.pass(10 * MINUTE);
    assert.equal(running.newest, 'sealed-secrets-keyc');
  });
});

suite('the last key to seal with', () => {
  test('is not replaced when it is removed, which is logged, until a signal requests it', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 5);
    const running = await rig(served).run();
    served.server.secrets.clear();
    await running.changed();
    assert.equal(running.pem, undefined);
    await running.changed();
    await running.pass(90 * DAY);
    assert.deepEqual(served.server.scripted.of('POST'), []);
    assert.equal(running.logs('no sealing key left').length, 1);

    await running.renew();
    assert.ok(running.keys.certificate);
    assert.equal(served.server.secrets.size, 1);
  });

  test('is replaced at the next start', async () => {
    const served = await serve();
    const first = await rig(served).run();
    served.server.secrets.clear();
    await first.stop();
    assert.ok((await rig(served).run()).keys.certificate);
    assert.equal(served.server.secrets.size, 1);
  });
});

suite('--key-generation=never', () => {
  test('generates no first key, logs that once, and uses a key that is added', async () => {
    const served = await serve();
    const running = await rig(served, { generation: 'never' }).run();
    await running.changed();
    await running.renew();
    assert.equal(running.pem, undefined);
    assert.equal(running.logs('no sealing key, and --key-generation=never; create a Secret').length, 1);
    assert.equal(running.logs('ignoring the request for a new sealing key').length, 1);
    const pem = await bring(served.server, 'brought', 5);
    await running.changed();
    assert.equal(running.pem, pem);
    await running.pass(400 * DAY);
    assert.deepEqual(served.server.scripted.of('POST'), []);
  });
});

suite('renewal', () => {
  test('happens every 30 days of a year, on time, each once', async () => {
    const served = await serve();
    const running = await rig(served).run();
    const start = served.clock.now().getTime();
    const days: number[] = [];
    let { newest } = running;
    for (let hour = 1; hour <= 365 * 24; hour++) {
      await running.pass(DAY / 24);
      if (running.newest === newest) continue;
      ({ newest } = running);
      days.push((served.clock.now().getTime() - start) / DAY);
    }
    assert.deepEqual(days, [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360]);
    assert.equal(served.server.scripted.of('POST').length, 13);
    assert.equal(running.keys.keyring.size, 13, 'all of them go on opening');
  });

  test("counts from the key's own time, and not from the start", async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 29);
    const running = await rig(served).run();
    await running.pass(DAY - 1000);
    assert.equal(running.newest, 'sealed-secrets-keyb');
    await running.pass(1000);
    assert.notEqual(running.newest, 'sealed-secrets-keyb');
  });

  test('counts from the time of the Secret if that determines the newest key', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 400);
    const running = await rig(served, { order: 'SecretCreationTimestamp' }).run();
    assert.equal(running.newest, 'sealed-secrets-keyb');
    await running.pass(30 * DAY);
    assert.notEqual(running.newest, 'sealed-secrets-keyb');
  });

  test('happens at once if it is overdue at the start', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 31);
    const { newest } = await rig(served).run();
    assert.notEqual(newest, 'sealed-secrets-keyb');
  });

  test('happens with period 0 only at a signal, not in ten years', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 1);
    const running = await rig(served, { renewPeriod: 0 }).run();
    await running.pass(3600 * DAY);
    assert.equal(running.newest, 'sealed-secrets-keyb');
    await running.renew();
    assert.notEqual(running.newest, 'sealed-secrets-keyb');
    assert.equal(served.server.secrets.size, 2);
  });

  test('happens before the certificate expires, if that is sooner', async () => {
    const made = { ...KEY_OPTIONS.made, validity: 10 * DAY };
    const running = await rig(await serve(), { made }).run();
    await running.pass(9 * DAY);
    assert.ok(running.keys.certificate);
    assert.equal(running.keys.keyring.size, 2);
  });

  test('happens at once if the machine was suspended until after the certificate expired', async () => {
    const made = { ...KEY_OPTIONS.made, validity: 10 * DAY };
    const running = await rig(await serve(), { made }).run();
    await running.pass(100 * DAY);
    assert.ok(running.keys.certificate);
    assert.equal(running.keys.keyring.size, 2);
  });

  test('at a signal makes one key for each, even within one second', async () => {
    const served = await serve();
    const running = await rig(served).run();
    const seen = new Set([running.newest]);
    for (let times = 0; times < 3; times++) {
      await running.renew();
      assert.ok(running.clock.waiting.some((ms) => ms <= 1000));
      await running.pass(1000);
      seen.add(running.newest);
    }
    assert.equal(seen.size, 4);
    assert.equal(served.server.secrets.size, 4);
  });

  test('happens once if the response is lost', async () => {
    for (const how of ['at a signal', 'by age']) {
      const served = await serve();
      await bring(served.server, 'sealed-secrets-keyb', 1);
      const running = await rig(served).run();
      served.server.fault = (asked) => (isCreate(asked) ? 'lost' : undefined);
      if (how === 'by age') await running.pass(29 * DAY);
      else await running.renew();
      assert.equal(running.newest, 'sealed-secrets-keyb', 'not in use before it is known to be written');
      await running.pass(10 * MINUTE);
      assert.notEqual(running.newest, 'sealed-secrets-keyb');
      assert.equal(served.server.secrets.size, 2, how);
      assert.equal(served.server.scripted.of('POST').length, 1, how);
    }
  });

  test('happens once if the process dies half way, and if two do it', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 31);
    // The write of one that died arrives after the next has read the list.
    let list: Reply | undefined;
    served.server.fault = ({ method, path }) =>
      method === 'GET' && path.endsWith('/secrets') ? list : undefined;
    const dead = await rig(served).run();
    await dead.stop();
    const [old] = served.server.secrets.values();
    list = {
      status: 200,
      body: { kind: 'SecretList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [old] },
    };
    const next = rig(served);
    const running = next.run();
    while (served.server.scripted.of('POST').length < 2)
      await new Promise((resolve) => setImmediate(resolve));
    list = undefined;
    await running;
    await next.pass(10 * MINUTE);
    const [first, second] = served.server.scripted
      .of('POST')
      .map(({ body }) => stringAt(body, 'metadata', 'name'));
    assert.equal(second, first);
    assert.equal(next.newest, first);
    assert.equal(served.server.secrets.size, 2);
  });

  test('finds another name if the key of that name is no longer in use', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 1);
    const running = await rig(served).run();
    await running.renew();
    const { newest: retired = '' } = running;
    served.server.relabel(retired, {});
    await running.changed();
    assert.equal(running.newest, 'sealed-secrets-keyb');
    await running.renew();
    assert.ok(!['sealed-secrets-keyb', retired].includes(running.newest));
    assert.equal(served.server.secrets.size, 3);
  });

  test('is not stopped by Secrets with the names that could be guessed from the certificate', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 1);
    const running = await rig(served).run();
    const names = namesOfCertificate(running.keys.newest?.key.fingerprint ?? '');
    for (const name of names) served.server.put(keySecret(name, { note: 'x' }, {}));
    await running.renew();
    assert.ok(!['sealed-secrets-keyb', ...names].includes(running.newest ?? ''));
    assert.equal(running.keys.keyring.size, 2);
  });

  test('happens once if its first name is taken and the response is lost', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 1);
    const running = await rig(served).run();
    const taken = nextKeyName('sealed-secrets-key', running.keys.newest?.nameSeed ?? Buffer.alloc(0), 0);
    served.server.put(keySecret(taken, { note: 'x' }, {}));
    served.server.fault = (asked) =>
      isCreate(asked) && stringAt(asked.body, 'metadata', 'name') !== taken ? 'lost' : undefined;
    await running.renew();
    assert.equal(running.newest, 'sealed-secrets-keyb');
    await running.pass(10 * MINUTE);
    assert.ok(!['sealed-secrets-keyb', taken].includes(running.newest));
    assert.equal(running.keys.keyring.size, 2);
    assert.equal(served.server.secrets.size, 3);
  });

  test('tries ten names at most, and continues once one of them is free', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 1);
    const running = await rig(served).run();
    const seed = running.keys.newest?.nameSeed ?? Buffer.alloc(0);
    const names = Array.from({ length: 10 }, (_, attempt) =>
      nextKeyName('sealed-secrets-key', seed, attempt),
    );
    for (const name of names) served.server.put(keySecret(name, { note: 'x' }, {}));
    await running.renew();
    assert.equal(running.newest, 'sealed-secrets-keyb');
    assert.match(running.logged.at(-1) ?? '', /NoKeyName/);
    assert.equal(served.server.scripted.of('POST').length, 10);
    const [, , free = ''] = names;
    served.server.secrets.delete(free);
    await running.pass(10 * MINUTE);
    assert.equal(running.newest, free);
  });

  test('generates no series of keys if the API server returns something else than was written', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 31);
    // As an admission webhook may do.
    served.server.fault = ({ method, body }) => {
      const name = method === 'POST' ? stringAt(body, 'metadata', 'name') : '';
      if (name === '' || served.server.secrets.has(name)) return undefined;
      served.server.put({ ...(Object(body) as object), data: {} });
      return { status: 201, body: served.server.secrets.get(name) ?? {} };
    };
    const running = await rig(served).run();
    for (let times = 0; times < 15; times++) await running.pass(5 * MINUTE);
    assert.equal(running.newest, 'sealed-secrets-keyb');
    assert.equal(served.server.secrets.size, 11);
    assert.match(running.logged.at(-1) ?? '', /NoKeyName/);
  });
});

suite('a cutoff', () => {
  test('renews a newest key that is older, once', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 5);
    const cutoff = new Date(served.clock.now().getTime() - DAY);
    const first = await rig(served, { cutoff, renewPeriod: 0 }).run();
    assert.notEqual(first.newest, 'sealed-secrets-keyb');
    await first.stop();
    await rig(served, { cutoff, renewPeriod: 0 }).run();
    assert.equal(served.server.secrets.size, 2);
  });

  test('in the future takes effect when it is reached', async () => {
    const served = await serve();
    const cutoff = new Date(served.clock.now().getTime() + 5 * DAY);
    const running = await rig(served, { cutoff, renewPeriod: 0 }).run();
    await running.pass(5 * DAY - 1000);
    assert.equal(running.keys.keyring.size, 1);
    await running.pass(1000);
    assert.equal(running.keys.keyring.size, 2);
    await running.pass(100 * DAY);
    assert.equal(running.keys.keyring.size, 2);
  });

  test('does not renew a newer key', async () => {
    const served = await serve();
    await bring(served.server, 'sealed-secrets-keyb', 5);
    const cutoff = new Date(served.clock.now().getTime() - 6 * DAY);
    const { newest } = await rig(served, { cutoff }).run();
    assert.equal(newest, 'sealed-secrets-keyb');
  });
});

suite('a clock that steps', () => {
  const BACK = Object.entries(STEPS).filter(([, ms]) => ms < 0);
  const TEN_YEARS = STEPS['+10 y'];

  function made({ server }: Rig): number {
    return server.scripted.of('POST').length;
  }

  for (const [name, step] of BACK) {
    test(`by ${name} leaves a new key in use, makes no other, and is reported once`, async () => {
      for (const order of ['CertNotBefore', 'SecretCreationTimestamp'] as const) {
        for (const cutoff of [undefined, new Date(new FakeClock().now().getTime() - MINUTE)]) {
          const served = await serve('shared');
          await bring(served.server, 'sealed-secrets-keyold', 31);
          const running = await rig(served, { order, cutoff }).run();
          if (order === 'SecretCreationTimestamp') await running.renew();
          const { pem, newest } = running;
          await running.pass(10_000);
          const count = made(running);
          assert.notEqual(newest, 'sealed-secrets-keyold');

          served.clock.stepWallClock(step);
          assert.equal(running.pem, pem);
          await running.changed();
          for (let minutes = 0; minutes < 3; minutes++) await running.pass(MINUTE);
          await running.changed();
          assert.equal(running.pem, pem);
          served.clock.stepWallClock(-step);
          await running.pass(MINUTE);
          await running.pass(-step);
          assert.equal(running.pem, pem);
          assert.equal(made(running), count);
          assert.equal(running.logs('the clock of this machine was set back').length, 1);
          assert.deepEqual(running.logs('no sealing key'), []);
        }
      }
    });

    test(`by ${name} leaves the key in use at a restart`, async () => {
      const served = await serve('own');
      const first = await rig(served).run();
      const { pem } = first;
      await first.stop();
      served.clock.stepWallClock(step);
      const running = await rig(served).run();
      assert.equal(running.pem, pem);
      await running.pass(MINUTE);
      assert.equal(running.pem, pem);
      assert.equal(made(running), 1);
    });

    test(`by ${name} after a key was made by a clock that was ahead leaves a certificate, and makes one key at most`, async () => {
      const served = await serve('own');
      served.clock.stepWallClock(-step);
      const running = await rig(served).run();
      const { pem } = running;
      assert.equal(made(running), 1);
      served.clock.stepWallClock(step);
      // Within the usual skew of clocks, nothing changes.
      if (name === '-1 min') assert.equal(running.pem, pem);
      await running.pass(MINUTE);
      assert.ok(running.pem);
      for (let hours = 0; hours < 26; hours++) await running.pass(-STEPS['-1 h']);
      const count = made(running);
      assert.ok(count <= 2);
      await running.pass(31 * DAY);
      assert.equal(made(running), count + 1, 'renewal goes on');
    });
  }

  test('back postpones a requested key until the clock has passed the newest key, and logs that', async () => {
    const served = await serve('own');
    const running = await rig(served).run();
    const { newest } = running;
    served.clock.stepWallClock(STEPS['-1 h']);
    await running.renew();
    await running.changed();
    assert.equal(running.newest, newest);
    assert.equal(running.logs('postponing the new sealing key until the clock has passed').length, 1);
    assert.equal(made(running), 1);
    served.clock.stepWallClock(-STEPS['-1 h']);
    await running.pass(MINUTE);
    assert.notEqual(running.newest, newest);
    await running.pass(MINUTE);
    assert.equal(made(running), 2);
  });

  test('back by two days generates one key, and recovers once the clock is right', async () => {
    const served = await serve('own');
    const running = await rig(served).run();
    served.clock.stepWallClock(2 * STEPS['-1 d']);
    await running.pass(MINUTE);
    await running.pass(MINUTE);
    assert.ok(running.pem);
    assert.equal(made(running), 2);
    served.clock.stepWallClock(-2 * STEPS['-1 d']);
    await running.pass(MINUTE);
    assert.ok(running.pem);
    assert.equal(made(running), 2);
  });

  for (const order of ['CertNotBefore', 'SecretCreationTimestamp'] as const) {
    for (const whose of ['own', 'shared'] as const) {
      test(`by ten years and back makes one key and returns to the right one: ${order}, the API server has ${whose === 'own' ? 'the right time' : 'the same time'}`, async () => {
        const served = await serve(whose);
        const running = await rig(served, { order }).run();
        const { newest: right, pem } = running;
        await running.pass(10_000);
        for (let times = 0; times < 2; times++) {
          served.clock.stepWallClock(TEN_YEARS);
          for (let turns = 0; turns < 5; turns++) {
            await running.pass(MINUTE);
            await running.changed();
          }
          assert.notEqual(running.newest, right, 'the certificate has expired by that clock');
          assert.ok(running.pem);
          assert.equal(made(running), 2);

          served.clock.stepWallClock(-TEN_YEARS);
          assert.equal(running.pem, pem);
          await running.pass(MINUTE);
          await running.changed();
          assert.equal(running.pem, pem);
          assert.equal(made(running), 2);
        }
        await running.pass(31 * DAY);
        assert.ok(running.newest !== undefined && running.newest !== right, 'renewal goes on');
        const { notBefore } = running.keys.certificate ?? {};
        assert.ok(notBefore && notBefore <= served.clock.now());
        await running.pass(MINUTE);
        assert.equal(made(running), 3);
      });
    }
  }

  test('back to the right time makes a key where all are from ten years ahead', async () => {
    const served = await serve('shared');
    served.clock.stepWallClock(TEN_YEARS);
    const running = await rig(served).run();
    served.clock.stepWallClock(-TEN_YEARS);
    await running.pass(MINUTE);
    assert.ok(running.keys.certificate && running.keys.certificate.notBefore <= served.clock.now());
    await running.pass(MINUTE);
    await running.changed();
    assert.equal(made(running), 2);
  });

  test('makes no planted key from ahead the newest', async () => {
    for (const step of Object.values(STEPS)) {
      const served = await serve('own');
      const running = await rig(served).run();
      const { pem } = running;
      await bring(served.server, 'sealed-secrets-keyplanted', -3653 * 2);
      await bring(served.server, 'sealed-secrets-keysoon', -2);
      if (step < 0) served.clock.stepWallClock(step);
      await running.changed();
      await running.pass(MINUTE);
      assert.equal(running.pem, pem);
    }
  });
});

suite('a key manager that is not the leader', () => {
  test('generates no key, and loads the one that the leader generates', async () => {
    const shared = await serve();
    const standby = rig(shared);
    standby.leader.isLeader = false;
    await standby.run();
    assert.equal(shared.server.scripted.of('POST').length, 0);
    const leader = await rig(shared).run();
    await until('a key of the leader', () => leader.pem);
    await standby.changed();
    await until('the key of the leader', () => standby.pem);
    assert.equal(standby.pem, leader.pem);
  });

  test('generates a due key as soon as it is the leader', async () => {
    const standby = rig(await serve());
    standby.leader.isLeader = false;
    await standby.run();
    standby.leader.isLeader = true;
    await standby.leaderChanged();
    await until('a key', () => standby.pem);
    assert.equal(standby.server.scripted.of('POST').length, 1);
    assert.equal(standby.logs('sealing key generated').length, 1);
  });
});

test('two key managers that start together create one first key', async () => {
  const shared = await serve();
  const one = rig(shared);
  const two = rig(shared);
  let arrived = 0;
  let go = (): void => undefined;
  const both = new Promise<void>((resolve) => (go = resolve));
  for (let i = 0; i < 2; i++) {
    shared.server.scripted.beforeNext('POST', /\/secrets$/, async () => {
      if (++arrived === 2) go();
      await both;
      return undefined;
    });
  }
  await Promise.all([one.run(), two.run()]);
  await until('a key in both', () => (one.pem && two.pem ? true : undefined));
  assert.equal(one.pem, two.pem);
  assert.equal(one.logs('sealing key generated').length + two.logs('sealing key generated').length, 1);
  assert.deepEqual([...one.logs('retrying'), ...two.logs('retrying')], []);
});
