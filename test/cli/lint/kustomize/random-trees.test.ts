import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { Kustomizations } from '../../../../cli/lint/kustomize/destinations.ts';
import { objectsOf } from '../../../../cli/lint/objects.ts';
import { readDocuments } from '../../../../shared/manifest/read.ts';
import { at, stringAt } from '../../../control-plane/admin-client.ts';
import { findBinaries } from '../../../control-plane/binaries.ts';
import { randomFrom } from '../../../support/random.ts';
import { run } from '../../../support/run.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { writeRandomTree, type RandomTree } from './trees.ts';

/** How many repositories each program builds. */
const TREES = 25;

const folder = temporaryFolder();
let programs: ReadonlyMap<string, readonly string[]>;

/** The places of each SealedSecret, as `NAMESPACE/NAME`, by its ciphertext. */
type Places = Map<string, Set<string>>;

/** Builds every root with Kustomize. Returns undefined if it refuses one, such as for two objects of one name. */
async function built(tree: RandomTree, path: string, words: readonly string[]): Promise<Places | undefined> {
  const places: Places = new Map();
  for (const root of tree.roots) {
    const [program = '', ...args] = words;
    const { code, stdout } = await run(program, [...args, join(path, root)]);
    if (code !== 0) return undefined;
    for (const { value } of readDocuments(Buffer.from(stdout), root)) {
      const ciphertext = stringAt(value, 'spec', 'encryptedData', 'item');
      const own = at(value, 'metadata', 'namespace');
      const namespace = typeof own === 'string' ? own : '';
      const its = places.get(ciphertext) ?? new Set();
      places.set(ciphertext, its.add(`${namespace}/${stringAt(value, 'metadata', 'name')}`));
    }
  }
  return places;
}

async function found(tree: RandomTree): Promise<Places> {
  const kustomizations = new Kustomizations();
  const places: Places = new Map();
  for (const [ciphertext, file] of tree.files) {
    for (const object of objectsOf(readDocuments(readFileSync(file), file))) {
      const destinations = await kustomizations.destinationsOf(file, object);
      if (destinations.length === 0) continue;
      places.set(ciphertext, new Set(destinations.map(({ namespace, name }) => `${namespace}/${name}`)));
    }
  }
  return places;
}

/** Drops the objects that every kustomization leaves as they are. */
function moved(places: Places, tree: RandomTree): Places {
  return new Map(
    [...places].filter(([ciphertext, its]) => {
      const { metadata } = JSON.parse(readFileSync(tree.files.get(ciphertext) ?? '', 'utf8')) as {
        metadata: { name: string; namespace?: string };
      };
      const own = `${metadata.namespace ?? ''}/${metadata.name}`;
      return its.size > 1 || !its.has(own);
    }),
  );
}

suite('the destinations of SealedSecrets in random kustomizations', () => {
  before(async () => {
    const binaries = await findBinaries(['kubectl', 'kustomize'], () => undefined);
    const [kubectl = '', kustomize = ''] = [binaries.get('kubectl'), binaries.get('kustomize')];
    programs = new Map([
      ['kubectl', [kubectl, 'kustomize']],
      ['kustomize', [kustomize, 'build']],
    ]);
  });

  for (const program of ['kubectl', 'kustomize']) {
    test(`are those that ${program} builds`, async () => {
      const random = randomFrom(program.length);
      let [exact, partly] = [0, 0];
      for (let index = 0; index < TREES; index++) {
        const path = join(folder.path, program, String(index));
        const tree = writeRandomTree(path, random);
        const wanted = await built(tree, path, programs.get(program) ?? []);
        if (wanted === undefined) continue;
        const actual = await found(tree);
        if (!tree.hasRenames) {
          assert.deepEqual(actual, moved(wanted, tree), path);
          exact++;
          continue;
        }
        // What a patch renames is left out; the rest is right.
        for (const [ciphertext, places] of actual) {
          for (const place of places) assert.ok(wanted.get(ciphertext)?.has(place), `${path} ${place}`);
        }
        partly++;
      }
      assert.ok(exact > TREES / 4 && partly > 0, `${exact} exact, ${partly} partly`);
    });
  }
});
