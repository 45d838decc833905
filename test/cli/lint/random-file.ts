/** A file, and the values in it that are secret. */
export interface FileWithValues {
  readonly text: string;
  readonly values: readonly string[];
  readonly isManifest: boolean;
}

const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const SIGNS = '!#$%&()*+,-./:;<=>?@[]^_{|}~ \'"\\';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';

/** Makes files with Secrets in many forms: YAML, JSON, lists, templates, keys, and broken ones. */
export class RandomFile {
  readonly #random: () => number;
  #values: string[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): FileWithValues {
    this.#values = [];
    const documents = Array.from({ length: 1 + this.#below(3) }, () => this.#document());
    let text = documents.join(this.#pick(['---\n', '---\n', '\n', '']));
    if (this.#below(3) === 0) text = this.#broken(text);
    return { text, values: this.#values, isManifest: this.#below(10) > 0 };
  }

  #document(): string {
    return this.#pick([
      () => this.#secret(''),
      () => this.#secret(''),
      () => this.#template(),
      () => this.#json(),
      () => this.#list(),
      () => this.#sealed(),
      () => this.#generator(),
      () => this.#key(),
      () => `kind: Secret\nstringData: {password:${this.#word()}}\n`,
      () =>
        `apiVersion: ${this.#word()}\nkind: SealedSecret\nmetadata: ${this.#word()}\nspec:\n  encryptedData: ${this.#word()}\n`,
      () =>
        `kind: SealedSecret\nspec:\n  encryptedData:\n    a: ${this.#quoted()}\n    b: {${this.#word()}: 1}\n  template:\n    data: [${this.#word()}]\n`,
    ])();
  }

  #secret(indent: string): string {
    const items = Array.from({ length: 1 + this.#below(4) }, (_, index) => this.#item(index));
    const lines = [
      'apiVersion: v1',
      'kind: Secret',
      'metadata:',
      '  name: db',
      ...(this.#below(4) === 0 ? [`  labels: {${LABEL}: active}`] : []),
      ...(this.#below(4) === 0
        ? ['  annotations:', `    ${LAST_APPLIED}: |`, `      ${this.#json().trim()}`]
        : []),
      `${this.#pick(['stringData', 'stringData', 'StringData', 'data'])}:`,
      ...items.flatMap((item) => item.split('\n').map((line) => `  ${line}`)),
    ];
    return lines.map((line) => `${indent}${line}\n`).join('');
  }

  #item(index: number): string {
    const name = this.#pick([`k${index}`, 'password', 'tls.key', '"odd name"']);
    return this.#pick([
      () => `${name}: ${this.#word()}`,
      () => `${name}: ${this.#quoted()}`,
      () => `${name}: ${Buffer.from(this.#value()).toString('base64')}`,
      () => `${name}: |\n  ${this.#word()}\n  ${this.#word()}`,
      () => `${name}: >-\n  ${this.#word()}`,
      () => `${name}: {${this.#word()}: ${this.#word()}}`,
      () => `${name}: ["${this.#word()}"]`,
      () => `? "k${index}"\n: ${this.#word()}`,
      () => `${name}: !!binary ${this.#word()}`,
      () => `${name}: *${this.#word()}`,
      () => `${name}: postgres://app:${this.#word()}@\${HOST}/db`,
      () => `${name}: "\${A}${this.#word()}"`,
      () => `${name}: ${this.#value()}`,
    ])();
  }

  #template(): string {
    const action = this.#pick([
      () => `{{ .Values.a | default "${this.#word()}" }}`,
      () => `{{ "${this.#word()}" | b64enc`,
      () => `{{/* ${this.#word()} */}}`,
    ])();
    return `{{- if .Values.secret }}\n${this.#secret('')}  other: ${action}\n{{- end }}\n`;
  }

  #json(): string {
    const data = Object.fromEntries(
      Array.from({ length: 1 + this.#below(3) }, (_, index) => [`k${index}`, this.#value()]),
    );
    const metadata = {
      name: 'db',
      annotations: this.#below(3) === 0 ? { [LAST_APPLIED]: this.#value() } : {},
    };
    return `${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: data })}\n`;
  }

  #list(): string {
    const kind = this.#pick(['List', 'SecretList', 'Template']);
    return `apiVersion: v1\nkind: ${kind}\nitems:\n  -\n${this.#secret('    ')}  -\n${this.#secret('    ')}`;
  }

  #sealed(): string {
    return (
      `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\nspec:\n  encryptedData:\n    a: ${this.#quoted()}\n` +
      `  template:\n    metadata:\n      annotations:\n        ${LAST_APPLIED}: ${JSON.stringify(this.#json().trim())}\n` +
      `    data:\n      config: "{{ .missing }} ${this.#word()} {{ ${this.#word()}"\n`
    );
  }

  #generator(): string {
    return `kind: Kustomization\nsecretGenerator:\n  - name: a\n    literals:\n      - password=${this.#word()}\n      - ${this.#quoted()}\n`;
  }

  #key(): string {
    const body = Array.from({ length: 4 }, () => this.#word() + this.#word() + this.#word()).join('\n');
    const pem = `-----BEGIN ${this.#pick(['', 'RSA ', 'EC ', 'ENCRYPTED '])}PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
    return this.#pick([
      () => `kind: Secret\nstringData:\n  tls.key: |\n${pem.replace(/^/gm, '    ')}\n`,
      () => `kind: Secret\ndata:\n  tls.key: ${Buffer.from(pem).toString('base64')}\n`,
    ])();
  }

  /** Cuts a text, or puts another character into it. */
  #broken(text: string): string {
    const at = this.#below(text.length);
    return this.#pick([
      () => text.slice(0, at),
      () => text.slice(at),
      () =>
        text.slice(0, at) +
        this.#pick(['\t', '\0', '"', "'", '{', '}', ':', '\n', '&a ', '\u2028', ': ', '- ']) +
        text.slice(at),
      () => text.slice(0, at) + text.slice(at + 1),
    ])();
  }

  #quoted(): string {
    const value = this.#value();
    return this.#pick([() => JSON.stringify(value), () => `'${value.replaceAll("'", "''")}'`])();
  }

  /** A value of letters and digits. */
  #word(): string {
    return this.#kept(this.#text(LETTERS));
  }

  /** A value that can have any character. */
  #value(): string {
    return this.#kept(this.#text(LETTERS + SIGNS));
  }

  #text(characters: string): string {
    return Array.from({ length: 12 + this.#below(12) }, () =>
      characters.charAt(this.#below(characters.length)),
    ).join('');
  }

  #kept(value: string): string {
    this.#values.push(value);
    return value;
  }

  #pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    const choice = choices[this.#below(choices.length)];
    if (choice === undefined) throw new Error('nothing to choose from');
    return choice;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
