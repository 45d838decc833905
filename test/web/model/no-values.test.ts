import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Input, Message } from '../../../web/model/types.ts';
import { choices, makeCluster, model, pasted } from './model-bed.ts';

const { named } = await makeCluster('prod');

/** A value that no name has, in the forms in which a message could show it. */
const VALUE = 'correct-horse-battery';
const SHOWN = new RegExp(`${VALUE}|${Buffer.from(VALUE).toString('base64').slice(0, 24)}`);

const TEXTS = [
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: ${VALUE}\n`,
  `kind: Secret\nmetadata: {name: db, namespace: shop}\ndata: {password: ${Buffer.from(VALUE).toString('base64')}}\n`,
  JSON.stringify({ kind: 'Secret', metadata: { name: 'db' }, stringData: { password: VALUE } }),
  `PASSWORD=${VALUE}\nUSER="${VALUE}"\n`,
];

/** What is put into a text: what YAML, JSON, Go and .env files give a meaning to. */
const noise = fc.constantFrom(
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ': ',
    '\n',
    '  ',
    '- ',
    '&a ',
    '*a',
    '|',
    '!!x ',
    '%',
    '\0',
    '=',
    '#',
    '\t',
    '\\',
  ],
);

/** A text with characters inserted or removed outside of the value. */
const damaged = fc
  .tuple(
    fc.constantFrom(...TEXTS),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), noise, fc.nat(3)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce((before, [where, inserted, removed]) => {
      const at = Math.floor(where * before.length);
      return before.slice(0, at) + inserted + before.slice(at + removed);
    }, text),
  );

function textsOf(messages: readonly Message[]): string {
  return messages.map(({ text }) => text).join('\n');
}

/** Whether a damage made the value a name of something, which messages show. */
function isName(text: string): boolean {
  return new RegExp(`(?:name|kind|apiVersion|namespace|type)["']?\\s*[:=][^\\n]{0,8}${VALUE}`).test(text);
}

suite('a message about a damaged Secret', () => {
  test('never shows its value, and nothing is thrown', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        damaged,
        fc.constantFrom(undefined, 'db.yaml', '.env', 'x'),
        async (text, fileName) => {
          const file = pasted(text, fileName);
          const found = await model.recognize(file);
          if (found.kind === 'refused') {
            refused++;
            if (!isName(text)) assert.doesNotMatch(found.message.text, SHOWN);
          }
          const inputs: readonly Input[] = [
            { kind: 'secrets', file },
            { kind: 'sealed', file, object: 0, set: [], remove: [] },
          ];
          for (const input of inputs) {
            const { messages } = await model.plan(input, choices([named], { namespaces: ['a'] }));
            if (!isName(text)) assert.doesNotMatch(textsOf(messages), SHOWN);
            assert.doesNotMatch(textsOf(messages), /internal error/);
          }
        },
      ),
      { seed: 19, numRuns: 1500 },
    );
    assert.ok(refused > 100, `${refused} are refused`);
  });
});
