/**
 * The characters that stand for those of a template action while a template is read as YAML: the first one, and others
 * that make two placeholders differ. They are of the private use area, so that hardly any text has them by chance.
 */
export const MASKS = String.fromCodePoint(...Array.from({ length: 16 }, (_, index) => 0xe000 + index));

/** The first character of a masked action. */
export const MASK = '\u{E000}';

/**
 * What tools replace by a value later. No part goes past the next sign of its own beginning, so that a search takes
 * linear time.
 */
const PLACEHOLDERS: readonly RegExp[] = [
  // A masked template action.
  /[\u{E000}-\u{E00F}]+/u,
  // Helm, Go, Jinja, Ansible, 1Password's `op inject`.
  /\{\{(?:[^{}]|[{}](?![{}]))*\}\}/u,
  // Shells, envsubst, Flux, Terraform, Spring, bank-vaults: `${NAME}`, `${NAME:=default}`, `${vault:path#key}`.
  /\$\{[A-Za-z_][^{}$\r\n]*\}/u,
  // Kubernetes, shells, make: `$(NAME)`.
  /\$\([A-Za-z_][^()$\r\n]*\)/u,
  // Azure Pipelines and Octopus: `#{NAME}#`.
  /#\{[A-Za-z_][^{}#\r\n]*\}#?/u,
  // argocd-vault-plugin, and people: `<path:secret/data/shop#password>`, `<password>`. Not inside of a word.
  /(?<![^\s:/@=,;"'.-])<[A-Za-z][^<>@\r\n]*>(?![^\s:/@=,;"'.?&-])/u,
  // vals, as helmfile uses it: `ref+vault://secret/shop#/password`.
  /\b(?:secret)?ref\+[a-z0-9]+:\/\/[^\s"']+/u,
  // 1Password: `op://vault/item/field`.
  /\bop:\/\/[^\s"']+/u,
  // bank-vaults: `vault:secret/data/shop#password`.
  /(?<![^\s"'>])vault:[^\s"'#>]+#[^\s"'#>]+/u,
  // SOPS: the value is encrypted.
  /\bENC\[[A-Z0-9_]+,[^[\]]*\]/u,
];

const ANY = new RegExp(PLACEHOLDERS.map(({ source }) => source).join('|'), 'gu');
/** In XML, angle brackets are tags, and what stands between them is a value. */
const ANY_IN_XML = new RegExp(
  PLACEHOLDERS.filter(({ source }) => !source.includes('<[A-Z'))
    .map(({ source }) => source)
    .join('|'),
  'gu',
);

/** A variable by itself: `$PASSWORD`. Within a text the dollar sign is more often a character of a password. */
const VARIABLE = /^\$[A-Z_][A-Z0-9_]*$/;

/** Signs that the text beside a placeholder is a secret by itself. */
const SECRETS: readonly RegExp[] = [
  // A password in a URL.
  /:\/\/[^\s/:@]*:[^\s/@\u{E000}]+@/u,
  // An assignment: `password: hunter2`, `PASSWORD=hunter2`, `<password>hunter2<`.
  /(?:pass|password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|credentials?)["']?[ \t]*[:=>][ \t]*["']?(?:[^\s"',;&|<>\u{E000}]{64}|[^\s"',;&|<>\u{E000}]{1,63}(?![^\s"',;&<]))/iu,
  // A long word of letters and digits: a key or a token.
  /(?<![A-Za-z0-9+_])(?=[A-Za-z+_]{0,64}[0-9])(?=[0-9+_]{0,64}[A-Za-z])[A-Za-z0-9+_]{16}/u,
];

/** A character that every placeholder has. Most texts have none, and are done. */
const SIGN = /[\u{E000}-\u{E00F}$({<:[]/u;

/** Whether a text holds a placeholder: a part that a tool replaces by a value. */
export function hasPlaceholder(text: string): boolean {
  if (!SIGN.test(text)) return false;
  return text.search(patternFor(text)) >= 0 || VARIABLE.test(text);
}

/**
 * Whether a value is a placeholder: it holds one, and nothing beside it looks like a secret by itself. So
 * `postgres://app:${PASSWORD}@db` is a placeholder, and `postgres://app:hunter2@${HOST}` is not.
 */
export function isPlaceholder(value: string): boolean {
  if (!hasPlaceholder(value)) return false;
  const beside = value.replace(patternFor(value), MASK);
  return !SECRETS.some((secret) => secret.test(beside));
}

function patternFor(text: string): RegExp {
  return text.includes('</') ? ANY_IN_XML : ANY;
}
