import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import { CHART } from '../../build/helm.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { objectsIn, only, template } from '../support/helm.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();

/** The values in the README's section about network access, by the preceding words. */
const EXAMPLES = [
  ...readFileSync(join(CHART, 'README.md'), 'utf8').matchAll(
    /^\*\*(.+?)\*\*[^`]*?(?:`[^`]+`[^`]*?)*?```yaml\n(.+?)```/gms,
  ),
].map(([, title = '', text = '']) => ({ title, text, values: load(text) }));

const PORTS = ['http', 'metrics'] as const;

/** Returns the peers that the example allows on a port. */
function peers(values: unknown, port: (typeof PORTS)[number]): unknown[] {
  return listAt(values, 'networkPolicy', 'sources', port);
}

suite("the README's examples of network access", () => {
  test('cover each of the usual cases', () => {
    const titles = EXAMPLES.map(({ title }) => title);
    assert.deepEqual(
      ['control plane nodes', 'konnectivity', 'EKS', 'GKE', 'Cilium', 'Prometheus'].filter(
        (word) => !titles.some((title) => title.includes(word)),
      ),
      [],
    );
  });

  for (const { title, text, values } of EXAMPLES) {
    test(`render: ${title}`, async () => {
      const file = folder.write('values.yaml', text);
      const objects = objectsIn(await template('--values', file));
      if (at(values, 'networkPolicy') === undefined) {
        const policy = only(objects, 'CiliumNetworkPolicy');
        const pod = at(only(objects, 'Deployment'), 'spec', 'selector', 'matchLabels');
        assert.deepEqual(at(policy, 'spec', 'endpointSelector', 'matchLabels'), pod);
        return;
      }
      const rules = listAt(only(objects, 'NetworkPolicy'), 'spec', 'ingress');
      for (const port of PORTS) {
        const rule = rules.find((each) => at(each, 'ports', 0, 'port') === port);
        const wanted = peers(values, port);
        assert.deepEqual(at(rule, 'from'), wanted.length === 0 ? undefined : wanted);
      }
    });
  }

  test('are in values.yaml, too', () => {
    const lines = readFileSync(join(CHART, 'values.yaml'), 'utf8').split('\n');
    const commented = lines.flatMap((line) => /^ +# {3}([- ] .*)$/.exec(line)?.[1] ?? []);
    const all = PORTS.flatMap((port) => EXAMPLES.flatMap(({ values }) => peers(values, port)));
    assert.deepEqual(load(commented.join('\n')), all);
  });
});
