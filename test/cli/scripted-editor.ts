import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

/** An editor that a test scripts: it records each buffer, and runs a shell script on it. */
export class ScriptedEditor {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sealed-secrets-editor-'));

  /**
   * @param script runs each time; `$1` is the buffer, `$n` is how often the editor was opened, and `$notes` a folder for
   * the test
   * @param records whether to copy each buffer, which holds values, into that folder
   */
  constructor(script: string, { records = true }: { readonly records?: boolean } = {}) {
    after(() => {
      // A test that fails leaves a buffer that was kept.
      if (this.path !== '') rmSync(dirname(this.path), { recursive: true, force: true });
      rmSync(this.#folder, { recursive: true, force: true });
    });
    const lines = [
      `notes='${this.#folder}'`,
      'n=$(($(cat "$notes/n" 2>/dev/null || echo 0) + 1))',
      'echo $n >"$notes/n"',
      'echo "$1" >"$notes/path"',
      ...(records ? ['cp "$1" "$notes/buffer-$n"'] : []),
      script,
    ];
    writeFileSync(join(this.#folder, 'editor.sh'), `${lines.join('\n')}\n`);
  }

  /** The environment in which kubeseal opens this editor. */
  get env(): NodeJS.ProcessEnv {
    return { EDITOR: `sh ${this.#folder}/editor.sh` };
  }

  /** How often the editor was opened. */
  get opened(): number {
    return Number(this.note('n') ?? '0');
  }

  /** Where the last buffer was. */
  get path(): string {
    return (this.note('path') ?? '').trim();
  }

  /** Whether the folder of the last buffer is gone. */
  get isCleanedUp(): boolean {
    return this.path !== '' && !existsSync(dirname(this.path));
  }

  /** Returns the buffer as the editor found it, the first time from 1. */
  buffer(time = 1): string {
    return this.note(`buffer-${time}`) ?? '';
  }

  /** Returns what the script wrote into a file of `$notes`. */
  note(name: string): string | undefined {
    const file = join(this.#folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }
}
