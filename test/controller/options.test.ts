import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FLAGS, OLD_NAMES } from '../../controller/flags.ts';
import { parseOptions, type Options } from '../../controller/options.ts';

const HOUR = 3_600_000;
suite('the flags for keys', () => {
  test('have the defaults of the reference', () => {
    const { keyPrefix, keySize, keyTtl, myCn, keyRenewPeriod, keyOrderPriority, ...more } = parseOptions([]);
    assert.deepEqual(
      [keyPrefix, keySize, keyTtl, myCn, keyRenewPeriod, keyOrderPriority],
      ['sealed-secrets-key', 4096, 87_600 * HOUR, '', 720 * HOUR, 'CertNotBefore'],
    );
    assert.equal(more.keyCutoffTime, undefined);
    assert.equal(more.keyGeneration, 'auto');
    assert.equal(more.privatekeyAnnotations.size + more.privatekeyLabels.size, 0);
  });

  test('are all parsed', () => {
    const options = parseOptions([
      '--key-prefix=other',
      '--key-size=2048',
      '--key-ttl=24h',
      '--my-cn=me',
      '--key-renew-period=1h30m',
      '--key-order-priority=SecretCreationTimestamp',
      '--key-cutoff-time=Mon, 02 Jan 2006 15:04:05 -0700',
      '--key-generation=never',
      '--privatekey-annotations=a=1,b=2',
      '--privatekey-labels=c=3',
      '--watch-for-secrets',
    ]);
    assert.equal(options.keyPrefix, 'other');
    assert.equal(options.keySize, 2048);
    assert.equal(options.keyTtl, 24 * HOUR);
    assert.equal(options.myCn, 'me');
    assert.equal(options.keyRenewPeriod, 1.5 * HOUR);
    assert.equal(options.keyOrderPriority, 'SecretCreationTimestamp');
    assert.equal(options.keyCutoffTime?.toISOString(), '2006-01-02T22:04:05.000Z');
    assert.equal(options.keyGeneration, 'never');
    assert.deepEqual(
      [...options.privatekeyAnnotations],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    );
    assert.deepEqual([...options.privatekeyLabels], [['c', '3']]);
  });

  test('include the old name of the renewal period', () => {
    assert.equal(parseOptions(['--rotate-period=2h']).keyRenewPeriod, 2 * HOUR);
    assert.equal(parseOptions(['--rotate-period', '0']).keyRenewPeriod, 0);
    const both = ['--key-renew-period', '1h', '--rotate-period', '3h'];
    assert.equal(parseOptions(both).keyRenewPeriod, 3 * HOUR, 'the last one counts');
  });

  const watch = (options: Options): unknown =>
    Object.entries(options).find(([n]) => n === 'watchForSecrets')?.[1];
  test('take a boolean value after "=", and ignore one in the next word', () => {
    assert.equal(watch(parseOptions(['--watch-for-secrets'])), true);
    assert.equal(watch(parseOptions(['--watch-for-secrets', 'false', '--key-size', '2048'])), true);
    assert.equal(watch(parseOptions(['--watch-for-secrets=F'])), false);
  });
});

suite('the environment', () => {
  test('overrides defaults and is overridden by the command line', () => {
    const environment = {
      SEALED_SECRETS_KEY_SIZE: '3072',
      SEALED_SECRETS_KEY_PREFIX: 'from-environment',
      SEALED_SECRETS_WATCH_FOR_SECRETS: 'true',
      SEALED_SECRETS_ROTATE_PERIOD: '4h',
    };
    const options = parseOptions(['--key-prefix', 'typed'], environment);
    assert.deepEqual([options.keySize, options.keyPrefix, options.keyRenewPeriod], [3072, 'typed', 4 * HOUR]);
    assert.equal(parseOptions(['--rotate-period=5h'], environment).keyRenewPeriod, 5 * HOUR);
  });

  test('may have unknown and empty variables', () => {
    const options = parseOptions([], {
      SEALED_SECRETS_PORT: 'tcp://10.0.0.1:8080',
      SEALED_SECRETS_SERVICE_HOST: '10.0.0.1',
      SEALED_SECRETS_SERVICE_PORT: '8080',
      SEALED_SECRETS_VERSION: 'true',
      SEALED_SECRETS_KEY_SIZE: '',
    });
    assert.equal(options.keySize, 4096);
    assert.equal(options.version, false);
  });
});

/**
 * What Kubernetes adds to a Service's name for the variables that it sets in every pod of the namespace:
 * https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
const OF_A_SERVICE = /_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

test('no Service sets a variable that is named after a flag, whatever its name', () => {
  const names = [...FLAGS.map((flag) => flag.name()), ...OLD_NAMES.keys()];
  for (const name of names) {
    assert.doesNotMatch(`SEALED_SECRETS_${name.replaceAll('-', '_').toUpperCase()}`, OF_A_SERVICE);
  }
  for (const name of ['PORT', 'SERVICE_PORT_LISTEN_ADDR', 'METRICS_PORT_8081_TCP_ADDR']) {
    assert.match(`SEALED_SECRETS_${name}`, OF_A_SERVICE);
  }
});

/** What differs from the defaults. */
function given(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Partial<Options> {
  const standard = Object.entries(parseOptions([]));
  const options = Object.entries(parseOptions(argv, environment));
  return Object.fromEntries(
    options.filter(([name, value]) => {
      const before: unknown = standard.find(([other]) => other === name)?.[1];
      return JSON.stringify(value) !== JSON.stringify(before);
    }),
  );
}

suite('the flags for reconciling', () => {
  test('have the defaults of the reference', () => {
    const options = parseOptions([]);
    assert.equal(options.allNamespaces, true);
    assert.deepEqual(options.additionalNamespaces, []);
    assert.equal(options.labelSelector, '');
    assert.equal(options.oldGcBehavior, false);
    assert.equal(options.updateStatus, true);
    assert.equal(options.skipRecreate, false);
    assert.equal(options.acceptDeprecatedV1Data, true);
    assert.equal(options.logLevel, 'INFO');
    assert.equal(options.logFormat, 'text');
    assert.equal(options.logInfoStdout, true);
  });

  test('that are switches stand alone or have their value after "="', () => {
    assert.deepEqual(given(['--old-gc-behavior']), { oldGcBehavior: true });
    for (const word of ['false', 'F', '0']) {
      assert.deepEqual(given([`--update-status=${word}`]), { updateStatus: false });
    }
    assert.deepEqual(given(['--update-status', 'false', '--skip-recreate']), { skipRecreate: true });
    assert.throws(() => parseOptions(['--update-status=maybe']), { exitCode: 2 });
  });

  test('with a value have it after "=" or as the next word', () => {
    const expected = { additionalNamespaces: ['a', 'b'], kubeclientQps: -1 };
    assert.deepEqual(given(['--additional-namespaces=a,b,', '--kubeclient-qps=-1']), expected);
    assert.deepEqual(given(['--additional-namespaces', 'a, b', '--kubeclient-qps', '-1']), expected);
    assert.deepEqual(given(['--label-selector', 'team in (a, b)']), { labelSelector: 'team in (a, b)' });
  });

  test('for requests to the API server set no rate by default', () => {
    assert.equal(parseOptions([]).kubeclientQps, 0);
  });

  test('of the reference that have no effect here are accepted', () => {
    assert.deepEqual(given(['--max-unseal-retries=1']), { maxUnsealRetries: 1 });
  });

  test('for HTTP are parsed, and have the defaults of the reference', () => {
    const { rateLimit, rateLimitBurst, readTimeout, writeTimeout, ...more } = parseOptions([]);
    assert.deepEqual([rateLimit, rateLimitBurst, readTimeout, writeTimeout], [2, 2, 120_000, 120_000]);
    assert.deepEqual([more.tlsCertFile, more.tlsKeyFile], ['', '']);
    const limits = ['--rate-limit=3', '--rate-limit-burst=4', '--read-timeout=1m30s', '--write-timeout', '0'];
    assert.deepEqual(given([...limits, '--tls-cert-file=a', '--tls-key-file', 'b']), {
      rateLimit: 3,
      rateLimitBurst: 4,
      readTimeout: 90_000,
      writeTimeout: 0,
      tlsCertFile: 'a',
      tlsKeyFile: 'b',
    });
  });

  test('that do not parse exit with 2', () => {
    for (const wrong of ['--read-timeout=30', '--rate-limit=x', '--log-level=DEBUG', '--log-format=xml']) {
      assert.throws(() => parseOptions([wrong]), { exitCode: 2 }, wrong);
    }
  });

  test('come from the environment if the command line does not set them', () => {
    const environment = {
      SEALED_SECRETS_SKIP_RECREATE: 'true',
      SEALED_SECRETS_LABEL_SELECTOR: 'app=x',
      SEALED_SECRETS_KEY_SIZE: '2048',
      SEALED_SECRETS_VERSION: 'true',
      SEALED_SECRETS_PORT: 'tcp://10.0.0.1:8080',
      SEALED_SECRETS_UPDATE_STATUS: '',
    };
    assert.deepEqual(given(['--label-selector=app=y'], environment), {
      skipRecreate: true,
      labelSelector: 'app=y',
      keySize: 2048,
    });
  });

  test('from the environment that do not parse exit with 2, as those of the command line', () => {
    const environment = { SEALED_SECRETS_LOG_FORMAT: 'xml' };
    assert.throws(() => parseOptions([], environment), { exitCode: 2 });
    assert.equal(parseOptions(['--log-format=json'], environment).logFormat, 'json', 'it is not looked at');
  });
});
