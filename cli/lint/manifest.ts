import { Failure, SealedSecretsError } from '../../shared/errors.ts';
import {
  decodeText,
  filledDocuments,
  listedDocuments,
  parseText,
  type Document,
  type Parsed,
} from '../../shared/manifest/read.ts';
import { cliFailure, fail } from '../errors.ts';
import { maskActions } from './mask.ts';
import { blocksOf, type Branch } from './template-blocks.ts';
import { parseCases } from './template-cases.ts';

/** A file of YAML or JSON. */
export interface Manifest extends Parsed {
  /** The text that was parsed; template actions are masked in it. */
  readonly text: string;
  /** Whether template actions are masked. */
  readonly isMasked: boolean;
  /** The documents that are not empty. Lists are replaced with their items. */
  readonly documents: readonly Document[];
  /** Why some documents could not be read. */
  readonly failures: readonly Failure[];
}

/** Matches `kind: Secret` and `kind: SealedSecret` as a field, in YAML or JSON, and not in a comment. */
const KIND_FIELD = /(?:^[ \t-]*|[{,]\s*)["']?kind["']?\s*:\s*["']?(?:Sealed)?Secret\b/im;

/** Ansible and others write tags, as `!vault` before a value that is encrypted. */
const YAML_OF_TOOLS = { localTags: true };

/**
 * Parses a file. A file that does not parse is read as a template: its actions, such as `{{ .Values.name }}`, become
 * placeholders. Returns several manifests for a template of which not all branches fit into one, and none for a file of
 * something else. Throws `NotLinted` for one that does not parse although it seems to hold a Secret or a SealedSecret.
 */
export function parseManifests(bytes: Buffer, file: string): readonly Manifest[] {
  const text = textOf(bytes, file);
  if (text === undefined) return [];
  const plain = attempt(() => parseText(text, file, YAML_OF_TOOLS));
  if ('format' in plain) return [manifestOf(plain, { text, file, isMasked: false })];
  const manifests = templateManifests(text, file);
  if (manifests.length > 0 || !KIND_FIELD.test(text)) return manifests;
  return fail({ code: 'NotLinted', problem: plain.describe() });
}

function templateManifests(text: string, file: string): readonly Manifest[] {
  const masked = maskActions(text);
  if (masked === text) return [];
  const parse = (part: string): Manifest | Failure => {
    const parsed = attempt(() => parseText(part, file, YAML_OF_TOOLS));
    return 'format' in parsed ? manifestOf(parsed, { text: part, file, isMasked: true }) : parsed;
  };
  const whole = parse(masked);
  if (!(whole instanceof Failure)) return [whole];
  const { parsed, unread, failure = whole } = parseCases({ masked, blocks: blocksOf(text), parse });
  const [first, ...others] = parsed;
  if (first === undefined || !isOfInterest(unread, text)) return parsed;
  const unchecked = cliFailure({ code: 'NotLinted', problem: failure.describe() });
  return [{ ...first, failures: [...first.failures, unchecked] }, ...others];
}

/** Whether one of some branches may be a part of a Secret or a SealedSecret. Searches the text once for all of them. */
function isOfInterest(branches: readonly Branch[], text: string): boolean {
  const definitions = branches.filter(({ block }) => block.isDefinition);
  if (definitions.length < branches.length && KIND_FIELD.test(text)) return true;
  return definitions.some(({ start, end }) => KIND_FIELD.test(text.slice(start, end)));
}

/** Returns the text of a file. Undefined if it is not in UTF-8 and mentions no Secret, as an image does. */
function textOf(bytes: Buffer, file: string): string | undefined {
  const decoded = attempt(() => ({ text: decodeText(bytes, file) }));
  if ('text' in decoded) return decoded.text;
  const ascii = bytes.toString('latin1').replaceAll('\0', '');
  if (!KIND_FIELD.test(ascii)) return undefined;
  return fail({ code: 'NotLinted', problem: decoded.describe() });
}

function attempt<T extends object>(work: () => T): T | Failure {
  try {
    return work();
  } catch (error) {
    if (error instanceof SealedSecretsError) return error.failure;
    throw error;
  }
}

function manifestOf(
  parsed: Parsed,
  { text, file, isMasked }: Pick<Manifest, 'text' | 'isMasked'> & { readonly file: string },
): Manifest {
  const documents: Document[] = [];
  const failures: Failure[] = [];
  for (const document of filledDocuments(parsed.values, file)) {
    // YAML reads JSON with a comment before it as one text.
    if (typeof document.value === 'string' && KIND_FIELD.test(document.value))
      failures.push(cliFailure({ code: 'NotLinted', problem: `${file}: a text, and no object` }));
    const listed = attempt(() => listedDocuments(document));
    if (Array.isArray(listed)) for (const each of listed) documents.push(each);
    // The items of a List in a template may come from an action.
    else if (!isMasked) failures.push(listed);
  }
  return { ...parsed, text, isMasked, documents, failures };
}
