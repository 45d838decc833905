import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { temporaryFolder } from '../../support/temporary.ts';
import { Repository, SECRET } from './repository.ts';

const folder = temporaryFolder();
const FILE = 'overlays/prod/db.yaml';

suite('set does not overwrite what another program changed meanwhile', () => {
  for (const args of [[FILE], ['--to', 'prod', '--split', 'overlays/{cluster}/db.yaml']]) {
    test(`with ${args.join(' ')}`, async () => {
      const repository = new Repository(folder);
      const sealed = await repository.run(['-w', FILE], SECRET);
      assert.equal(sealed.code, 0, sealed.stderr);
      const pipe = `${repository.path}/value`;
      execFileSync('mkfifo', [pipe]);
      const running = repository.run(['set', ...args, 'token', '--value-file', pipe]);
      // kubeseal opens the pipe when it has read the file.
      const value = await open(pipe, 'w');
      appendFileSync(`${repository.path}/${FILE}`, '# a colleague\n');
      const before = repository.read(FILE);
      await value.writeFile('v');
      await value.close();
      const { code, stderr } = await running;
      assert.equal(code, 1, stderr);
      assert.match(stderr, /db\.yaml changed after kubeseal had read it: no file was written/);
      assert.equal(repository.read(FILE), before);
    });
  }
});
