import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { NODE_ENTRY } from '../build/package.ts';
import { binaryPath, thisMachine } from '../build/targets.ts';
import { parseCertificate } from '../shared/crypto/parse-certificate.ts';
import { sealedSecret } from '../test/support/sealed.ts';
import { certificatePem, keyPem } from '../test/support/vectors.ts';
import { measure, type Command } from './measure.ts';
import { table, type Row } from './report.ts';

const FILES = 1000;
const RUNS = 5;
const KEYS = ['a4096', 'b4096'] as const;

/**
 * Measures the re-encryption of a tree without a cluster, and returns a Markdown table. Each round re-encrypts the tree
 * for one key, does so again, which finds nothing to do, and re-encrypts it for the other key, so that the next round
 * does the same work.
 *
 * @param work a folder for files
 */
export function treeFigures(work: string): string {
  const root = createTree(join(work, 'tree'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(work, name), text);
    return join(work, name);
  };
  const keys = write('keys.pem', KEYS.map(keyPem).join(''));
  const [first, second] = KEYS.map((name) => write(`${name}.pem`, certificatePem(name)));
  const programs: [name: string, program: readonly [string, ...string[]]][] = [
    ['bundle for Node', [process.execPath, NODE_ENTRY]],
    ['single file', [binaryPath(thisMachine())]],
  ];
  const commands = programs.flatMap(([name, [program, ...args]]): [string, Command][] => {
    const reEncrypt = (cert = ''): Command => {
      const offline = ['--recovery-private-key', keys, '--cert', cert, '--allow-old-certificate'];
      return [program, ...args, 're-encrypt', root, ...offline, '--key-hint=false'];
    };
    return [
      [name, reEncrypt(second)],
      [`${name}, nothing to do`, reEncrypt(second)],
      ['', reEncrypt(first)],
    ];
  });
  const yardstick: Command = [process.execPath, '-e', '0'];
  const measured = measure([yardstick, ...commands.map(([, command]) => command)], RUNS);
  const all = ['node -e 0', ...commands.map(([name]) => name)].flatMap((name, index): Row[] => {
    const each = measured[index];
    return each === undefined || name === '' ? [] : [{ name, measured: each }];
  });
  const [base, ...rows] = all;
  if (base === undefined) throw new Error('nothing was measured');
  const name = `re-encrypt of ${FILES.toLocaleString('en')} files without a cluster`;
  return table({ workload: { name }, yardstick: base, reference: undefined, rows });
}

/** Creates files with one SealedSecret of one item, sealed with the first key. */
function createTree(root: string): string {
  const certificate = parseCertificate(certificatePem(KEYS[0]), KEYS[0]);
  for (let index = 0; index < FILES; index++) {
    const folder = join(root, String(index % 10));
    mkdirSync(folder, { recursive: true });
    const body = sealedSecret(
      certificate,
      { name: `db-${index}`, namespace: 'prod' },
      { password: 'hunter2' },
    );
    writeFileSync(join(folder, `${index}.yaml`), dump(body));
  }
  return root;
}
