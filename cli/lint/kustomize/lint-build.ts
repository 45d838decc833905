import { join, relative } from 'node:path';
import { Failure, SealedSecretsError } from '../../../shared/errors.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import type { CliContext } from '../../context.ts';
import { readFileBytes } from '../../io/input.ts';
import type { LintContext } from '../context.ts';
import { FindingList, MAX_FINDINGS, type ListedFindings } from '../finding-list.ts';
import { lintFile } from '../lint-file.ts';
import type { Destination, LintedObject } from '../object.ts';
import { titleOf } from '../object-problems.ts';
import { objectsOf } from '../objects.ts';
import type { LintReport } from '../report.ts';
import type { ContextOf } from '../run.ts';
import type { RuleId } from '../rules.ts';
import { originOf, withoutOrigins } from './origins.ts';
import { runKustomize, type KustomizeOutput } from './run-kustomize.ts';

/** The annotation in which Kustomize names the origin of an object. */
const ORIGIN = 'config.kubernetes.io/origin';

/** The rule about names and namespaces. It looks at the file that an object is from, which says what it was sealed for. */
const WRONG_PLACE: RuleId = 'S002';

/**
 * Builds a kustomization and checks what it makes. A SealedSecret that gets another name or namespace than in its file is
 * found in that file.
 *
 * @param folder the folder of the kustomization, as the user named it
 */
export async function lintBuild(folder: string, contextOf: ContextOf, cli: CliContext): Promise<LintReport> {
  try {
    const context = await contextOf(join(folder, 'kustomization.yaml'));
    if (context === 'excluded') return { findings: [], omitted: [], unchecked: [], files: 0 };
    const output = await runKustomize(folder, cli.environment);
    const file = `${folder} (kustomize build)`;
    const sources = sourcesOf(output, file);
    const bytes = Buffer.from(withoutOrigins(output.bytes.toString('utf8')));
    const built = await lintFile({ file, bytes }, context);
    const found = new FindingList(MAX_FINDINGS);
    const known = new Set<string>();
    for (const [source, objects] of sources) {
      const report = await lintSource(source, { objects, by: folder, contextOf });
      found.addList(report);
      for (const title of report.known) known.add(title);
    }
    const findings = built.findings.filter(
      ({ rule, object }) => rule !== WRONG_PLACE || !known.has(object ?? ''),
    );
    found.addList({ ...built, findings });
    return { ...found.listed(), unchecked: built.unchecked, files: 1 };
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return { findings: [], omitted: [], unchecked: [error.failure], files: 0 };
  }
}

/** The SealedSecrets that were built from a file, by their items. */
type BuiltObjects = ReadonlyMap<string, LintedObject>;

/** Returns the SealedSecrets of a build by the files that they are from. */
function sourcesOf({ bytes, from }: KustomizeOutput, file: string): ReadonlyMap<string, BuiltObjects> {
  const sources = new Map<string, Map<string, LintedObject>>();
  for (const object of objectsOf(readDocuments(bytes, file))) {
    const { sealed } = object;
    if (sealed === undefined || sealed instanceof Failure) continue;
    const source = originOf(sealed.metadata.annotations.get(ORIGIN) ?? '', from);
    if (source === undefined) continue;
    const objects = sources.get(source) ?? new Map<string, LintedObject>();
    sources.set(source, objects.set(itemsOf(object), object));
  }
  return sources;
}

/** Returns the ciphertexts of a SealedSecret as one text, which tells it from any other. */
function itemsOf({ sealed }: LintedObject): string {
  if (sealed === undefined || sealed instanceof Failure) return '';
  return JSON.stringify([...sealed.encryptedData].sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Source {
  readonly objects: BuiltObjects;
  /** The folder whose kustomization was built. */
  readonly by: string;
  readonly contextOf: ContextOf;
}

/** Checks where the SealedSecrets of a file end up. `known` are the built ones that were found in the file. */
async function lintSource(
  source: string,
  { objects, by, contextOf }: Source,
): Promise<ListedFindings & { readonly known: readonly string[] }> {
  const file = relative(process.cwd(), source);
  const context = await contextOf(file);
  const known: string[] = [];
  if (context === 'excluded') return { findings: [], omitted: [], known };
  const only = new Set([WRONG_PLACE].filter((rule) => context.only?.has(rule) ?? true));
  const destinationsOf = (object: LintedObject): readonly Destination[] => {
    const built = objects.get(itemsOf(object));
    if (built?.sealed === undefined || built.sealed instanceof Failure) return [];
    known.push(titleOf(built));
    const { name, namespace } = built.sealed.metadata;
    return [{ name, namespace, by }];
  };
  const sourceContext: LintContext = {
    ...context,
    only,
    destinationsOf: (object) => Promise.resolve(destinationsOf(object)),
  };
  const report = await lintFile({ file, bytes: await readFileBytes(source) }, sourceContext);
  // What cannot be checked in the file is reported where the file is checked.
  return { findings: report.findings, omitted: report.omitted, known };
}
