import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64 } from '../../../shared/api/base64.ts';

suite('base64', () => {
  // The offsets that `base64.StdEncoding.DecodeString` of Go 1.26 reports as CorruptInputError.
  const offsets: [string, number][] = [
    ['*', 0],
    ['e*', 1],
    ['eH*', 2],
    ['eHh*', 3],
    ['eHh4*', 4],
    ['eHh4e*', 5],
    ['e', 0],
    ['eH', 0],
    ['eHh', 0],
    ['eHh4e', 4],
    ['=', 0],
    ['==', 0],
    ['e=', 1],
    ['e==', 1],
    ['eA=', 3],
    ['eA=\n', 4],
    ['eA=x', 2],
    ['eA=\nx', 3],
    ['eA=\r\nx=', 4],
    ['eA==x', 4],
    ['eA==\n\nx', 6],
    ['eHg=x', 4],
    ['eHg==', 4],
    ['eHg=\neHh4', 5],
    ['e\nA\n=\n*', 5],
    ['eA-_', 2],
    ['eA_=', 2],
    ['e A=', 1],
    ['eHh4 ', 4],
    ['\teHh4', 0],
    ['é', 0],
    ['eHh4é', 4],
    ['eHh4\0', 4],
    ['\r\n*', 2],
  ];
  for (const [text, offset] of offsets) {
    test(`of ${JSON.stringify(text)} ends at byte ${offset}`, () =>
      assert.deepEqual(decodeBase64(text), { ok: false, offset }));
  }

  test('may be broken into lines anywhere', () => {
    const breaks = fc.array(fc.tuple(fc.nat(), fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 5 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), breaks, (bytes, lineBreaks) => {
        let text = Buffer.from(bytes).toString('base64');
        for (const [at, lineBreak] of lineBreaks) {
          const position = at % (text.length + 1);
          text = text.slice(0, position) + lineBreak + text.slice(position);
        }
        assert.deepEqual(decodeBase64(text), { ok: true, bytes: Buffer.from(bytes) });
      }),
      { seed: 1 },
    );
  });

  test('is refused at the offset of the first invalid byte', () => {
    const texts = fc.array(fc.constantFrom('e', 'A', '=', '\n', '*', '-', 'é'), { maxLength: 9 });
    fc.assert(
      fc.property(texts, (characters) => {
        const text = characters.join('');
        const decoded = decodeBase64(text);
        const legal = /^([\w+/]{4})*([\w+/]{2}==|[\w+/]{3}=)?$/.test(text.replaceAll('\n', ''));
        assert.equal(decoded.ok, legal);
        if (!decoded.ok) assert.ok(decoded.offset >= 0 && decoded.offset <= Buffer.byteLength(text));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
