import { asJson, formatDocuments } from '../shared/manifest/write.ts';

/** Formats manifests as YAML documents with sorted fields, as `kubeseal -o yaml` does. Omits undefined fields. */
export function toYaml(...manifests: readonly object[]): string {
  return formatDocuments(manifests.map(asJson), 'yaml');
}
