import { join, relative } from 'node:path';
import { SealedSecretsError } from '../../../shared/errors.ts';
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
import { sealedOf } from '../sealed-of.ts';
import type { ContextOf } from '../run.ts';
import type { RuleId } from '../rules.ts';
import { grouped, itemsOf, type ByItems } from './by-items.ts';
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

/** Returns the SealedSecrets of a build by the files that they are from. */
function sourcesOf({ bytes, from }: KustomizeOutput, file: string): ReadonlyMap<string, ByItems> {
  const sources = grouped(objectsOf(readDocuments(bytes, file)), (object) => {
    const origin = sealedOf(object)?.metadata.annotations.get(ORIGIN);
    return origin === undefined ? undefined : originOf(origin, from);
  });
  return new Map([...sources].map(([source, objects]) => [source, grouped(objects, itemsOf)]));
}

interface Source {
  readonly objects: ByItems;
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
  const bytes = await readFileBytes(source);
  const originals = grouped(objectsIn(bytes, file), itemsOf);
  const only = new Set([WRONG_PLACE].filter((rule) => context.only?.has(rule) ?? true));
  const destinationsOf = (object: LintedObject): readonly Destination[] => {
    const items = itemsOf(object) ?? '';
    // Of several with the same items, nobody knows which is which.
    if (originals.get(items)?.length !== 1) return [];
    return (objects.get(items) ?? []).flatMap((built) => {
      const sealed = sealedOf(built);
      if (sealed === undefined) return [];
      known.push(titleOf(built));
      const { name, namespace } = sealed.metadata;
      return [{ name, namespace, by }];
    });
  };
  const sourceContext: LintContext = {
    ...context,
    only,
    destinationsOf: (object) => Promise.resolve(destinationsOf(object)),
  };
  const report = await lintFile({ file, bytes }, sourceContext);
  // What cannot be checked in the file is reported where the file is checked.
  return { findings: report.findings, omitted: report.omitted, known };
}

/** Returns the objects of a file. None of one that cannot be read, as a template. */
function objectsIn(bytes: Buffer, file: string): readonly LintedObject[] {
  try {
    return objectsOf(readDocuments(bytes, file));
  } catch (error) {
    if (error instanceof SealedSecretsError) return [];
    throw error;
  }
}
