import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { hasShell, ShellTerminal } from '../cli/shell-terminal.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { certificatePem } from '../support/vectors.ts';
import type { Attack } from './attack.ts';

/** A temporary folder, which is removed when the process exits. */
class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'sealed-secrets-hostile-'));

  constructor() {
    atEnd(() => rmSync(this.path, { recursive: true, force: true }));
  }

  write(name: string, text: string): string {
    const file = join(this.path, name);
    writeFileSync(file, text);
    return file;
  }
}

const pem = certificatePem('c2048');
const DB = { name: 'db', namespace: 'prod' };

const MERGE: Attack = {
  name: '--merge-into a target of a wider scope',
  ofCommandLine: true,
  async run() {
    const folder = new Folder();
    const cert = folder.write('cert.pem', pem);
    const strict = sealedSecret(parseCertificate(pem, 'cert.pem'), DB, { password: 'old' });
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const text = JSON.stringify({ ...strict, metadata: { ...strict.metadata, annotations } });
    const target = folder.write('target.json', text);
    const stdin = 'kind: Secret\nmetadata: {name: db, namespace: prod}\nstringData: {user: bob}\n';
    const { code } = await kubeseal(['--cert', cert, '--merge-into', target], { stdin });
    assert.notEqual(code, 0, 'a value was sealed for all namespaces');
    assert.equal(readFileSync(target, 'utf8'), text);
    return 'refused, the target is as it was';
  },
};

const COMPLETION: Attack = {
  name: 'a context whose name is a command, at bash completion',
  ofCommandLine: true,
  async run() {
    assert.ok(hasShell('bash'), 'there is no bash here, or no script of util-linux');
    const folder = new Folder();
    const mark = join(folder.path, 'mark');
    const used = join(folder.path, 'arguments');
    const context = `prod$(touch ${mark})`;
    const kubeconfig = { contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }] };
    const script = folder.write('completion.bash', (await kubeseal(['completion', 'bash'])).stdout);
    // Completes like kubeseal. Otherwise writes its arguments to a file.
    const program = `#!/bin/sh\ncase "$1" in __complete*) exec ${KUBESEAL.join(' ')} "$@" ;; esac\nprintf '%s\\0' "$@" >'${used}'\n`;
    chmodSync(folder.write('kubeseal', program), 0o755);
    const terminal = new ShellTerminal('bash', {
      HOME: folder.path,
      PATH: `${folder.path}:${process.env['PATH'] ?? ''}`,
      KUBECONFIG: folder.write('config', JSON.stringify(kubeconfig)),
    });
    try {
      await terminal.type(`source '${script}'\n`);
      await terminal.type('kubeseal --context pro\t\n');
    } finally {
      await terminal.close();
    }
    assert.ok(!existsSync(mark), 'the command in the name has run');
    assert.deepEqual(readFileSync(used, 'utf8').split('\0').slice(0, -1), ['--context', context]);
    return 'inserted as one literal word, nothing runs';
  },
};

/** U+202E reverses text, U+007F to U+009F are control characters, and YAML parsers disagree on tabs. */
const ODD = 'a\u202eb\u007fc\u0085d\u009be\tf';

const OUTPUT: Attack = {
  name: 'characters that parsers read differently',
  ofCommandLine: true,
  async run() {
    const folder = new Folder();
    const cert = folder.write('cert.pem', pem);
    const stdin = JSON.stringify({
      kind: 'Secret',
      metadata: { ...DB, annotations: { odd: ODD } },
      stringData: { user: 'bob' },
    });
    for (const format of ['json', 'yaml']) {
      const { code, stdout, stderr } = await kubeseal(['--cert', cert, '-o', format], { stdin });
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout, /[\u007f-\u009f\u202e\t]/, format);
      assert.equal(at(load(stdout), 'spec', 'template', 'metadata', 'annotations', 'odd'), ODD);
    }
    return 'escaped in JSON and YAML';
  },
};

export const COMMAND_LINE: readonly Attack[] = [MERGE, COMPLETION, OUTPUT];
