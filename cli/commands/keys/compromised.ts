import { counted } from '../../../shared/text.ts';
import type { RecordedKey } from '../../../shared/key-record/record.ts';
import { DEFAULT_KEY_PREFIX } from '../../../shared/seal/stored-key.ts';
import type { Api } from '../../../shared/kubernetes/api/api.ts';
import type { CliContext } from '../../context.ts';
import type { TreeOptions } from '../../flags/options.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { confirm } from '../../io/confirm.ts';
import { writeStdout } from '../../io/output.ts';
import { authorsOf } from '../../keys/authors.ts';
import { compromiseText, type ExposedObject } from '../../keys/compromise-output.ts';
import { withApi } from '../../keys/connect.ts';
import { fail } from '../../keys/errors.ts';
import { findKey } from '../../keys/find-key.ts';
import { labelKey } from '../../keys/label-key.ts';
import { readLiveKeys } from '../../keys/live-keys.ts';
import {
  keysOptions,
  keyWord,
  treeBehind,
  waitOption,
  type KeysOptions,
  type Wait,
} from '../../keys/options.ts';
import { neededBy, readUses } from '../../keys/read-uses.ts';
import { renewKey } from '../../keys/renew.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysCompromisedOptions extends KeysOptions {
  readonly command: 'keys compromised';
  /** The name of the key, or the beginning of its fingerprint. */
  readonly key: string;
  /** Files whose SealedSecrets and authors to name; undefined for none. */
  readonly tree: TreeOptions | undefined;
  /** Whether to label the key although SealedSecrets need it. */
  readonly yes: boolean;
  readonly wait: Wait;
}

/**
 * `keys compromised KEY`: makes a newer key, names what the key exposes and what to do, and labels the key, after which
 * nothing is unsealed with it. That comes last: a SealedSecret that needs the key could not be unsealed from then on,
 * while those who stole it lose nothing by the label.
 */
export const keysCompromised = defineKeysCommand<KeysCompromisedOptions>({
  name: 'keys compromised',
  options,
  run: (options, context) => withApi(options, context, (api) => run(api, options, context)),
});

function options(flags: ParsedFlags): KeysCompromisedOptions {
  return {
    command: 'keys compromised',
    ...keysOptions(flags),
    key: keyWord(flags, 'keys compromised'),
    tree: treeBehind(flags, 1),
    yes: flags.on('yes'),
    wait: waitOption(flags),
  };
}

async function run(api: Api, options: KeysCompromisedOptions, context: CliContext): Promise<void> {
  const { controllerNamespace: namespace, tree } = options;
  const keys = await readLiveKeys(api, namespace, context);
  const key = findKey(options.key, keys);
  const { name, fingerprint, state } = key;
  const newest = await newerThan(key, { api, keys, options }, context);
  const uses = await readUses(api, { keys, cluster: 'require', tree }, context);
  const exposed: ExposedObject[] = [];
  for (const object of neededBy(uses, fingerprint)) {
    const authors = object.file === undefined ? [] : await authorsOf(object.file, context);
    exposed.push({ ...object, authors });
  }
  await writeStdout(compromiseText(key, { exposed, newest }));
  if (state === 'compromised') {
    context.warn(`(${name} is labelled as compromised already)`);
    return;
  }
  if (name === DEFAULT_KEY_PREFIX) fail({ code: 'OldestForm', name });
  if (exposed.length > 0 && !options.yes && !(await mayLabel(name, exposed.length)))
    fail({ code: 'NotLabelled', name, count: exposed.length });
  const from = state === 'retired' ? 'retired' : 'active';
  await labelKey(api, { namespace, name, fingerprint, from, to: 'compromised' });
  context.warn(`${name} is labelled as compromised: the controller does not use it any more`);
}

/** Returns the name of a key that is newer than one, after a renewal if there is none. */
async function newerThan(
  { state }: RecordedKey,
  {
    api,
    keys,
    options: { controllerNamespace: namespace, wait },
  }: { readonly api: Api; readonly keys: readonly RecordedKey[]; readonly options: KeysCompromisedOptions },
  context: CliContext,
): Promise<string> {
  const newest = keys.find((key) => key.state === 'newest');
  if (newest !== undefined && state !== 'newest') return newest.name;
  const { key } = await renewKey(api, { namespace, wait, takesRecent: false }, context);
  context.warn(`(${key.name} is the newest key now)`);
  return key.name;
}

async function mayLabel(name: string, count: number): Promise<boolean> {
  const question =
    `${counted(count, 'SealedSecret')} may need ${name}. Their Secrets stay as they are, but nothing unseals them ` +
    `again until they are sealed with another key. Label it now?`;
  return (await confirm(question)) ?? false;
}
