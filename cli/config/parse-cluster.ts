import { resolve } from 'node:path';
import { showPlace } from '../../shared/api/place.ts';
import type { ClusterConfig } from './config.ts';
import { fail } from './errors.ts';
import { strictReader, textField, textList, type NamedEntry } from './fields.ts';
import type { PatternReader } from './patterns.ts';

/** The fields of a cluster. */
const FIELDS = ['certificate', 'context', 'controllerName', 'controllerNamespace', 'paths'];
/** A name is part of paths (`--split 'overlays/{cluster}/db.yaml'`) and of lists with commas. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What the clusters of a file share. */
interface ClusterContext {
  /** The folder in which relative paths start. */
  readonly folder: string;
  readonly patterns: PatternReader;
}

/** Parses the clusters of a file. Throws the failures of `errors.ts`. */
export function parseClusters(
  entries: readonly NamedEntry[],
  context: ClusterContext,
): readonly ClusterConfig[] {
  // Two such clusters would share a file in a file system that ignores letter case.
  const lower = new Map<string, string>();
  return entries.map((entry) => {
    const { name, place } = entry;
    const at = showPlace(place);
    if (!NAME.test(name)) fail({ code: 'BadClusterName', at });
    const other = lower.get(name.toLowerCase());
    if (other !== undefined) fail({ code: 'SameClusterName', at, name, other });
    lower.set(name.toLowerCase(), name);
    return parseCluster(entry, context);
  });
}

function parseCluster(
  { name, value, place }: NamedEntry,
  { folder, patterns }: ClusterContext,
): ClusterConfig {
  const reader = strictReader(value, place, FIELDS);
  const certificate = textField(reader, 'certificate');
  const context = textField(reader, 'context');
  if (certificate === undefined && context === undefined)
    fail({ code: 'NoCertificate', at: showPlace(place) });
  const paths = textList(reader, 'paths');
  const compiled = paths === undefined ? undefined : patterns.read(paths);
  const [first] = paths ?? [];
  if (first !== undefined && paths?.every(({ text }) => text.startsWith('!')))
    fail({
      code: 'BadPattern',
      at: showPlace(first.place),
      problem: "only patterns with ! fit no file: write '**' before them",
    });
  return {
    name,
    certificate:
      certificate === undefined
        ? undefined
        : certificateIn(certificate, { folder, at: showPlace(reader.at('certificate')) }),
    context,
    controllerName: textField(reader, 'controllerName'),
    controllerNamespace: textField(reader, 'controllerNamespace'),
    paths: compiled,
  };
}

/** Returns the absolute path of a file, or a URL as it is. Throws `BadCertificate`. */
function certificateIn(
  text: string,
  { folder, at }: { readonly folder: string; readonly at: string },
): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined)
    return text.includes('\0') ? fail({ code: 'BadCertificate', at }) : resolve(folder, text);
  const isUrl = (scheme === 'https' || scheme === 'http') && URL.canParse(text);
  return isUrl ? text : fail({ code: 'BadCertificate', at });
}
