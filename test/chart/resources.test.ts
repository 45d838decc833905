import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { nodeFor } from '../../build/pinned-node.ts';
import { at } from '../control-plane/admin-client.ts';
import { MemoryLimit } from '../hostile/memory-limit.ts';
import { objectsIn, only, template } from '../support/helm.ts';

const DEFAULTS = { limits: { memory: '512Mi' }, requests: { memory: '128Mi' } };

async function resources(...set: readonly string[]): Promise<unknown> {
  const rendered = objectsIn(await template(...set.flatMap((value) => ['--set', value])));
  return at(only(rendered, 'Deployment'), 'spec', 'template', 'spec', 'containers', 0, 'resources');
}

suite('the memory of the container', () => {
  test('has a request and a limit by default', async () => {
    assert.deepEqual(await resources(), DEFAULTS);
    assert.deepEqual(await resources('fullnameOverride=any'), DEFAULTS);
  });

  test('has neither when resources is null', async () => {
    assert.equal(await resources('resources=null'), undefined);
  });

  test('has only the resources in the values', async () => {
    assert.deepEqual(await resources('resources.requests.memory=1Gi'), {
      limits: {},
      requests: { memory: '1Gi' },
    });
    assert.deepEqual(await resources('resources.limits.memory=256Mi', 'resources.limits.cpu=1'), {
      limits: { cpu: 1, memory: '256Mi' },
      requests: {},
    });
    assert.deepEqual(await resources('resources.claims[0].name=device'), {
      claims: [{ name: 'device' }],
      limits: {},
      requests: {},
    });
  });
});

suite("the image's Node", () => {
  for (const megabytes of [512, 1024, 2048]) {
    test(`takes half of a limit of ${megabytes} MiB as its heap`, async (context) => {
      const limit = MemoryLimit.create(megabytes * 2 ** 20);
      if (limit === undefined) return context.skip('this machine permits no control group');
      const node = await nodeFor('image', (line) => console.error(line));
      const print = 'console.log(v8.getHeapStatistics().heap_size_limit / 2 ** 20)';
      const [command = '', ...rest] = limit.wrap([node, '-e', print]);
      const { stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', env: {} });
      limit.remove();
      const heap = Number(stdout);
      assert.ok(heap >= megabytes / 2 && heap < megabytes * 0.6, `${heap} MiB ${stderr}`);
    });
  }
});
