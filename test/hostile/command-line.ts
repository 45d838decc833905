import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseCertificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal, run } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { certificatePem } from '../support/vectors.ts';
import type { Attack } from './attack.ts';

/** A folder that is gone at the end. */
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
    const folder = new Folder();
    const mark = join(folder.path, 'mark');
    const context = `prod$(touch ${mark})`;
    const kubeconfig = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1' } }],
      contexts: [{ name: context, context: { cluster: 'c' } }],
    });
    const env = {
      PATH: `${folder.path}:${process.env['PATH'] ?? ''}`,
      HOME: folder.path,
      KUBECONFIG: folder.write('config', kubeconfig),
    };
    const script = folder.write('completion.bash', (await kubeseal(['completion', 'bash'])).stdout);
    chmodSync(folder.write('kubeseal', `#!/bin/sh\nexec ${KUBESEAL.join(' ')} "$@"\n`), 0o755);
    // What the user types: a Tab behind the beginning of the name, and Enter.
    const keys = `source ${script}\nkubeseal --fetch-cert --context pro\t\nexit\n`;
    const ran = await run('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
      stdin: keys,
      env,
    });
    // Where there is no terminal to type at: what bash puts into the line, run.
    const press = `source "$1"; COMP_WORDS=(kubeseal --context pro); COMP_CWORD=2; _kubeseal; printf '%s' "\${COMPREPLY[0]}"`;
    const { stdout } = await run('bash', ['-c', press, 'bash', script], { env });
    await run('bash', ['-c', `true --context ${stdout}`], { env });
    assert.ok(!existsSync(mark), 'the command in the name has run');
    return `completed to ${stdout === '' ? 'nothing' : stdout}, nothing runs (terminal: ${String(ran.code)})`;
  },
};

/** U+202E turns text around, U+007F to U+009F are controls, and a tab is no tab to every reader of YAML. */
const ODD = 'a\u202eb\u007fc\u0085d\u009be\tf';

const OUTPUT: Attack = {
  name: 'characters that other readers read otherwise',
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
      assert.equal(at(parse(stdout), 'spec', 'template', 'metadata', 'annotations', 'odd'), ODD);
    }
    return 'escaped in JSON and YAML';
  },
};

export const COMMAND_LINE: readonly Attack[] = [MERGE, COMPLETION, OUTPUT];
