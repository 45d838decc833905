import { Failure, failureOf, SealedSecretsError } from '../../shared/errors.ts';
import type { Edit } from '../../shared/manifest/edit.ts';
import type { LintContext } from './context.ts';
import { FindingList, MAX_FILE_FINDINGS, type ListedFindings } from './finding-list.ts';
import { problemsInBytes } from './file-problems.ts';
import { Ignores } from './ignores.ts';
import { Lines } from './lines.ts';
import { Locator } from './locate.ts';
import { mayHoldSecrets } from './mention.ts';
import { MASKS } from './placeholders.ts';
import { parseManifests, type Manifest } from './manifest.ts';
import { mergedCases, type Case } from './merge-cases.ts';
import { problemsInObjects, type LocatedProblem } from './object-problems.ts';
import type { Finding } from './problem.ts';
import { severityOf } from './severity.ts';

/** A file to check. */
export interface LintedFile {
  /** The file as the user named it, or `<stdin>`. */
  readonly file: string;
  readonly bytes: Buffer;
  /** Whether the file is of YAML or JSON; true by default. Any other file is only searched for private keys. */
  readonly isManifest?: boolean;
  /** Whether it may as well be a file of something else, which is passed over if it does not parse. */
  readonly mayBeOther?: boolean;
}

/** What is wrong in a file. The findings are in the order of their positions. */
export interface FileReport extends ListedFindings {
  /** What could not be checked. */
  readonly unchecked: readonly Failure[];
  /** The edits that mend findings. */
  readonly edits: readonly Edit[];
}

/** Checks a file. Never throws for what is in it. */
export async function lintFile(
  { file, bytes, isManifest = true, mayBeOther = false }: LintedFile,
  context: LintContext,
): Promise<FileReport> {
  const parsed = isManifest ? manifestsIn(bytes, file) : [];
  const manifests =
    parsed instanceof Failure ? [] : parsed.map((each) => (mayBeOther ? { ...each, failures: [] } : each));
  const inBytes = problemsInBytes(bytes);
  const unchecked = [...(parsed instanceof Failure && !mayBeOther ? [parsed] : []), ...inBytes.unchecked];
  const cases: Case<Located>[] = [];
  for (const manifest of manifests.length === 0 ? [undefined] : manifests) {
    const view = viewOf(bytes, manifest);
    const inObjects = manifest && (await problemsInObjects(manifest, { file, context, view }));
    for (const failure of inObjects?.unchecked ?? []) unchecked.push(failure);
    cases.push(caseOf([...inBytes.problems, ...(inObjects?.problems ?? [])], view, context));
  }
  const remaining = [...mergedCases(cases)].sort(byPosition);
  const findings = new FindingList(MAX_FILE_FINDINGS);
  for (const problem of remaining) findings.add(findingOf(problem, file));
  return {
    ...findings.listed(),
    unchecked,
    edits: manifests.some(({ isMasked }) => isMasked) ? [] : remaining.flatMap(editOf),
  };
}

function caseOf(problems: readonly LocatedProblem[], view: FileView, context: LintContext): Case<Located> {
  const located = problems.flatMap((problem) => {
    const severity = severityOf(problem, context);
    return severity === undefined ? [] : [{ ...problem, severity }];
  });
  const ignores = view.ignores();
  return {
    located,
    remaining: ignores.remaining(located),
    useless: uselessComments(ignores, view, context),
    isFilled: (position) => view.text().charAt(view.lines().offsetOf(position)) !== ' ',
  };
}

/** Formats placeholders as the actions that they stand for. */
function findingOf(problem: Located, file: string): Finding {
  const { rule, severity, line, column, object, fix, afterFix } = problem;
  return {
    rule,
    severity,
    file,
    line,
    column,
    object: object && withActions(object),
    message: withActions(problem.message),
    advice: withActions(problem.advice),
    ...(fix && { fix }),
    ...(afterFix !== undefined && { afterFix }),
  };
}

const MASKED = new RegExp(`[${MASKS}]+`, 'g');

function withActions(text: string): string {
  return text.replace(MASKED, '{{…}}');
}

type Located = LocatedProblem & Pick<Finding, 'severity'>;

function byPosition(a: Located, b: Located): number {
  return a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : Number(a.rule > b.rule));
}

function editOf({ place, fix }: Located): readonly Edit[] {
  return place === undefined || fix === undefined ? [] : [{ place, patch: fix }];
}

/** Returns the manifests, or why they cannot be read. None for a file that is of no interest. */
function manifestsIn(bytes: Buffer, file: string): readonly Manifest[] | Failure {
  // A comment at the head of a document needs to know where the document ends.
  if (!mayHoldSecrets(bytes) && !bytes.includes('kubeseal-lint:')) return [];
  try {
    return parseManifests(bytes, file);
  } catch (error) {
    if (error instanceof SealedSecretsError) return error.failure;
    return failureOf(error, 'lint');
  }
}

/** Where the parts of a file are. Its fields are made when they are needed: most files have no findings. */
export interface FileView {
  readonly locator: Locator | undefined;
  readonly text: () => string;
  readonly lines: () => Lines;
  readonly ignores: () => Ignores;
}

function viewOf(bytes: Buffer, manifest: Manifest | undefined): FileView {
  const locator = manifest && new Locator(manifest);
  let text: string | undefined;
  let lines: Lines | undefined;
  const textOf = (): string => (text ??= manifest?.text ?? bytes.toString('utf8'));
  const linesOf = (): Lines => (lines ??= new Lines(textOf()));
  const ignores = (): Ignores => {
    if (!bytes.includes('kubeseal-lint:')) return Ignores.none();
    const isYaml = manifest?.format === 'yaml';
    return isYaml && locator
      ? Ignores.ofYaml(manifest.text, locator.roots(), linesOf())
      : Ignores.ofOther(textOf(), linesOf());
  };
  return { locator, text: textOf, lines: linesOf, ignores };
}

/** Rules that find something only if the cluster of a file is known. */
const ABOUT_CLUSTERS = ['S002', 'S003', 'S004'];

/** Returns findings about comments. Only for manifests: elsewhere, a document may explain such comments. */
function uselessComments(
  ignores: Ignores,
  { locator, lines }: FileView,
  context: LintContext,
): readonly Located[] {
  const severity = severityOf({ rule: 'S016' }, context);
  if (severity === undefined || locator === undefined) return [];
  const useless = ignores.useless(
    (rule) =>
      severityOf({ rule }, context) !== undefined &&
      (context.cluster !== undefined || !ABOUT_CLUSTERS.includes(rule)),
  );
  return useless.map(({ offset, message, advice }) => {
    const position = lines().positionOf(offset);
    return { rule: 'S016', severity, message, advice, object: undefined, place: undefined, ...position };
  });
}
