import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { utf8Text } from '../../../shared/bytes.ts';
import { TemplateProcesses, type TemplateProcessesOptions } from '../../../controller/workers/templates.ts';
import { MAX_SECRET_SIZE } from '../../../shared/seal/secret-size.ts';
import type { Rendered } from '../../../shared/seal/unseal.ts';
import { oversizedRsaKey } from '../../support/oversized-key.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { until } from '../../control-plane/until.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';

const folder = temporaryFolder();
let programs = 0;

const never = new AbortController().signal;
const CANARY = 'canary-in-a-template';
const OBJECT = { namespace: 'ns', name: 'db' };

/** The message of every failure while a template runs. */
const FAILED = /^template: t: failed while running, or went over a limit \(1 MiB for the whole Secret, /;

/** A process that misbehaves as a buggy template engine might, as the first template says. */
const BROKEN = program(`
  process.on('disconnect', () => process.exit());
  process.on('message', ({ templates }) => {
    const [[item, text]] = templates;
    process.send({ started: item });
    if (text === 'loop') for (;;);
    if (text === 'native') require('node:crypto').pbkdf2Sync('p', 's', 2 ** 31 - 1, 64, 'sha512');
    if (text === 'grow') { const all = []; for (;;) all.push(new Array(1e5).fill(text)); }
    if (text === 'outside') { const all = []; for (;;) all.push(Buffer.alloc(1e7, 1)); }
    if (text === 'throw') throw new Error('${CANARY}');
    if (text === 'exit') process.exit(1);
    const value = text === 'pid' ? String(process.pid) : text;
    process.send({ rendered: { values: new Map([[item, Buffer.from(value)]]), impure: new Set() } });
  });
  process.send('ready');`);

/** Writes a program to a file, since Node's `fork` accepts only files. */
function program(source: string): URL {
  const file = join(folder.path, `program-${programs++}.cjs`);
  writeFileSync(file, source);
  return pathToFileURL(file);
}

function processes(options: Partial<TemplateProcessesOptions> = {}): TemplateProcesses {
  const made = new TemplateProcesses(options);
  after(() => made.close());
  return made;
}

function rendered(
  engine: TemplateProcesses,
  text: string,
  { items = {}, signal = never }: { items?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Rendered> {
  const values = new Map(Object.entries(items).map(([item, value]) => [item, Buffer.from(value)]));
  return engine.rendererFor(OBJECT).render(new Map([['t', text]]), values, signal);
}

function valueOf(result: Rendered): string {
  return 'values' in result ? utf8Text(result.values.get('t') ?? new Uint8Array()) : messageOf(result);
}

/** Returns the message of a failure in the status. */
function messageOf(result: Rendered): string {
  assert.ok('problems' in result);
  return sealFailure({ code: 'Unseal', problems: result.problems }).describe();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

suite('templates in child processes', () => {
  test('see the items, and report which outputs differ on every run', async () => {
    const engine = processes();
    assert.equal(valueOf(await rendered(engine, '{{ .user | upper }}!', { items: { user: 'ada' } })), 'ADA!');
    const result = await engine.rendererFor(OBJECT).render(
      new Map([
        ['pure', '{{ .a }}'],
        ['random', '{{ randAlpha 8 }}'],
      ]),
      new Map([['a', Buffer.from([0xff, 0])]]),
      never,
    );
    assert.ok('values' in result);
    assert.deepEqual(result.values.get('pure'), Buffer.from([0xff, 0]));
    assert.deepEqual([...result.impure], ['random']);
  });

  test('fail per item, with the same message for every value and cause', async () => {
    const engine = processes();
    const template = `
      {{ if eq .password "a" }}{{ fail .password }}{{ end }}
      {{ if eq .password "b" }}{{ range 2000000000 }}{{ end }}{{ end }}
      {{ if eq .password "c" }}{{ repeat 2000000 "x" }}{{ end }}
      {{ if eq .password "d" }}{{ .password.none }}{{ end }}`;
    const messages: string[] = [];
    for (const password of ['a', 'b', 'c', 'd']) {
      messages.push(messageOf(await rendered(engine, template, { items: { password } })));
    }
    assert.equal(new Set(messages).size, 1);
    assert.match(messages[0] ?? '', FAILED);
    const killed = processes({ program: BROKEN, deadline: 200 });
    assert.equal(messageOf(await rendered(killed, 'loop')), messages[0]);
    assert.equal(messageOf(await rendered(killed, 'exit')), messages[0]);
  });

  test('cannot reach anything in the process', async () => {
    const engine = processes();
    for (const text of ['{{ env "PATH" }}', '{{ expandenv "$PATH" }}', '{{ getHostByName "a" }}']) {
      assert.match(valueOf(await rendered(engine, text)), /function .* not defined/);
    }
    assert.equal(
      valueOf(await rendered(engine, '{{ .constructor }}{{ index . "__proto__" }}')),
      '<no value>',
    );
  });

  test('share an output limit of 1 MiB, less the size of the decrypted items', async () => {
    const engine = processes();
    const mebibyte = '{{ repeat 1048576 "x" }}';
    const render = (count: number, item = ''): Promise<Rendered> => {
      const templates = Array.from({ length: count }, (_, i): [string, string] => [`t${i}`, mebibyte]);
      return engine
        .rendererFor(OBJECT)
        .render(new Map(templates), new Map([['a', Buffer.from(item)]]), never);
    };
    const whole = await render(1);
    assert.ok('values' in whole);
    assert.equal(whole.values.get('t0')?.length, MAX_SECRET_SIZE);
    assert.match(messageOf(await render(1, 'x')), /^template: t0: failed while running, .*1 MiB/);
    const message = messageOf(await render(150));
    assert.equal(message.match(/failed while running/g)?.length, 10);
    assert.match(message, /^139 more templates were skipped after 10 failures$/m);
  });

  test('that cannot be parsed are reported for the first ten items', async () => {
    const templates = Array.from({ length: 20_000 }, (_, i): [string, string] => [`t${i}`, '{{ if }}']);
    const result = await processes().rendererFor(OBJECT).render(new Map(templates), new Map(), never);
    assert.ok('problems' in result);
    assert.equal(result.problems.length, 11);
    assert.match(messageOf(result), /^19990 more templates were skipped after 10 failures$/m);
    assert.match(messageOf(result), /^template: t0:1: missing value for if \(t0\)$/m);
  });

  test('never pass a made-up key of 65,536 bits to OpenSSL', async () => {
    const engine = processes();
    const text = '{{ (genSelfSignedCertWithKey "a" (list) (list) 365 .key).Cert }}';
    assert.match(valueOf(await rendered(engine, text, { items: { key: oversizedRsaKey() } })), FAILED);
    assert.equal(valueOf(await rendered(engine, '{{ .a }}', { items: { a: 'well' } })), 'well');
  });
});

suite('many templates', () => {
  test('of one namespace delay another namespace by one object at most', async () => {
    const engine = processes({ program: BROKEN, processes: 1 });
    const order: string[] = [];
    const render = async (namespace: string, name: string): Promise<void> => {
      const templates = new Map([['t', name]]);
      await engine.rendererFor({ namespace, name }).render(templates, new Map(), never);
      order.push(name);
    };
    const many = Array.from({ length: 5 }, (_, i) => render('many', `m${i}`));
    await Promise.all([...many, render('few', 'f0')]);
    assert.deepEqual(order, ['m0', 'm1', 'f0', 'm2', 'm3', 'm4']);
  });
});

suite('a template that the engine cannot stop', () => {
  for (const text of ['loop', 'native', 'grow', 'outside', 'throw', 'exit']) {
    test(`ends with its process without affecting others: ${text}`, async () => {
      const engine = processes({
        program: BROKEN,
        deadline: text === 'loop' || text === 'native' ? 1_500 : 60_000,
        heapMegabytes: 32,
        residentMegabytes: 300,
      });
      const [bad, ...good] = await Promise.all([
        rendered(engine, text),
        ...Array.from({ length: 5 }, () => rendered(engine, 'well')),
      ]);
      assert.match(valueOf(bad), FAILED);
      assert.doesNotMatch(valueOf(bad), new RegExp(CANARY));
      assert.deepEqual(good.map(valueOf), ['well', 'well', 'well', 'well', 'well']);
    });
  }

  test('is not reported as failed if no process can start', async () => {
    const engine = processes({ program: program(`throw new Error('${CANARY}')`) });
    await assert.rejects(
      rendered(engine, 'well'),
      /cannot start a process for the templates: memory or process IDs/,
    );
  });

  test('is killed when the caller aborts', async () => {
    const engine = processes({ program: BROKEN, processes: 1 });
    const stop = new AbortController();
    const running = rendered(engine, 'native', { signal: stop.signal });
    const waiting = rendered(engine, 'native', { signal: stop.signal });
    const rejected = [running, waiting].map((each) => assert.rejects(each, /deleted/));
    stop.abort(new Error('deleted'));
    await Promise.all(rejected);
    assert.equal(valueOf(await rendered(engine, 'well')), 'well');
  });

  test('is killed when the processes are closed, even in native code', async () => {
    const engine = processes({ program: BROKEN, processes: 1, deadline: 600_000 });
    const pid = Number(valueOf(await rendered(engine, 'pid')));
    const running = rendered(engine, 'native');
    engine.close();
    assert.match(valueOf(await running), FAILED);
    await until('the process to end', () => !isRunning(pid) || undefined);
    await assert.rejects(rendered(engine, 'well'), /closed/);
  });
});

suite('a template process', () => {
  test('serves one object after another, and is killed when idle', async () => {
    const engine = processes({ program: BROKEN, processes: 1, idle: 300 });
    const pid = valueOf(await rendered(engine, 'pid'));
    assert.equal(valueOf(await rendered(engine, 'pid')), pid);
    await until('the idle process to end', () => Promise.resolve(!isRunning(Number(pid)) || undefined));
    assert.notEqual(valueOf(await rendered(engine, 'pid')), pid);
  });

  test('has no environment, no credentials, and a heap just large enough for templates', async () => {
    const engine = processes({
      program: program(`
        process.on('disconnect', () => process.exit());
        process.on('message', ({ templates }) => {
          const report = JSON.stringify([process.env, process.execArgv]);
          process.send({ rendered: { values: new Map([['t', Buffer.from(report)]]), impure: new Set() } });
        });
        process.send('ready');`),
    });
    const [environment, flags] = JSON.parse(valueOf(await rendered(engine, ''))) as [object, string[]];
    // Node itself sets the variable that names the IPC channel.
    const own = Object.keys(environment).filter((name) => !name.startsWith('NODE_CHANNEL_'));
    assert.deepEqual(own, []);
    assert.ok(flags.includes('--max-old-space-size=128'));
    assert.ok(flags.includes('--inspect-port=192.0.2.1:1024'));
  });
});
