import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { TemplateThreads, type TemplateThreadsOptions } from '../../../controller/workers/templates.ts';
import type { Rendered } from '../../../shared/seal/unseal.ts';

const never = new AbortController().signal;
const CANARY = 'canary-in-a-template';
const OBJECT = { namespace: 'ns', name: 'db' };

/** A thread that does what a template engine with a bug might do, when the first template says so. */
const BROKEN = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ templates }) => {
      const [[item, text]] = templates;
      parentPort.postMessage({ started: item });
      if (text === 'loop') for (;;);
      if (text === 'grow') { const all = []; for (;;) all.push(new Array(1e5).fill(text)); }
      if (text === 'throw') throw new Error('${CANARY}');
      if (text === 'exit') process.exit(1);
      parentPort.postMessage({ rendered: { values: new Map([[item, Buffer.from(text)]]), impure: new Set() } });
    });
    parentPort.postMessage('ready');`)}`,
);

function threads(options: Partial<TemplateThreadsOptions> = {}): TemplateThreads {
  const made = new TemplateThreads(options);
  after(() => made.close());
  return made;
}

function rendered(
  engine: TemplateThreads,
  text: string,
  items: Record<string, string> = {},
  signal: AbortSignal = never,
): Promise<Rendered> {
  const values = new Map(Object.entries(items).map(([item, value]) => [item, Buffer.from(value)]));
  return engine.rendererFor(OBJECT).render(new Map([['t', text]]), values, signal);
}

function valueOf(result: Rendered): string {
  return 'values' in result ? (result.values.get('t')?.toString() ?? '') : JSON.stringify(result.problems);
}

suite('templates on threads', () => {
  test('see the items, and say which outputs differ at every run', async () => {
    const engine = threads();
    assert.equal(valueOf(await rendered(engine, '{{ .user | upper }}!', { user: 'ada' })), 'ADA!');
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

  test('fail by item, without what they were given', async () => {
    const result = await rendered(threads(), '{{ fail .password }}', { password: CANARY });
    assert.ok('problems' in result);
    const [problem] = result.problems;
    assert.ok(problem?.code === 'Template');
    assert.match(problem.told, /^template: t: failed while running/);
    assert.doesNotMatch(JSON.stringify(result), new RegExp(CANARY));
  });

  test('reach nothing of the process', async () => {
    const engine = threads();
    for (const text of ['{{ env "PATH" }}', '{{ expandenv "$PATH" }}', '{{ getHostByName "a" }}']) {
      assert.match(valueOf(await rendered(engine, text)), /function .* not defined/);
    }
    assert.equal(
      valueOf(await rendered(engine, '{{ .constructor }}{{ index . "__proto__" }}')),
      '<no value>',
    );
  });
});

suite('many templates', () => {
  test('of one namespace have another wait for one of them', async () => {
    const engine = threads({ program: BROKEN, threads: 1 });
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

suite('a template that no counting stops', () => {
  for (const [text, words] of [
    ['loop', /template: t: failed while running/],
    ['grow', /template: t: failed while running/],
    ['throw', /template: t: failed while running/],
    ['exit', /template: t: failed while running/],
  ] as const) {
    test(`ends with its thread, and others do not notice: ${text}`, async () => {
      const engine = threads({
        program: BROKEN,
        deadline: text === 'loop' ? 200 : 20_000,
        heapMegabytes: 32,
      });
      const [bad, ...good] = await Promise.all([
        rendered(engine, text),
        ...Array.from({ length: 5 }, () => rendered(engine, 'well')),
      ]);
      assert.match(valueOf(bad), words);
      assert.doesNotMatch(valueOf(bad), new RegExp(CANARY));
      assert.deepEqual(good.map(valueOf), ['well', 'well', 'well', 'well', 'well']);
    });
  }

  test('is told of where no thread can start', async () => {
    const program = new URL(`data:text/javascript,${encodeURIComponent(`throw new Error('${CANARY}')`)}`);
    assert.match(valueOf(await rendered(threads({ program }), 'well')), /template: t: failed while running/);
  });

  test('ends when nobody waits for it any more', async () => {
    const engine = threads({ program: BROKEN, threads: 1 });
    const stop = new AbortController();
    const running = rendered(engine, 'loop', {}, stop.signal);
    const waiting = rendered(engine, 'loop', {}, stop.signal);
    stop.abort(new Error('deleted'));
    await assert.rejects(running, /deleted/);
    await assert.rejects(waiting, /deleted/);
    assert.equal(valueOf(await rendered(engine, 'well')), 'well');
  });
});
