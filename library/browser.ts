/**
 * Seals Secrets for Sealed Secrets. This is the whole library but `unseal`; it needs WebCrypto and nothing else, so it
 * runs in browsers and workers.
 *
 * @packageDocumentation
 */
export {
  parseCertificate,
  type Certificate,
  type ParseCertificateOptions,
  type SealingOptions,
} from './certificate.ts';
export { SealedSecretsError, type ErrorCode, type FailedItem } from './errors.ts';
export { explain, type ExplainOptions } from './explain.ts';
export type {
  ManifestMetadata,
  MetadataInput,
  SealedSecretManifest,
  SecretInput,
  SecretManifest,
} from './manifests.ts';
export { seal, type SealOptions } from './seal.ts';
export { sealValue, type SealTarget, type SealValueOptions } from './seal-value.ts';
export { parseManifests, type Manifest, type ParseManifestsOptions } from './parse-manifests.ts';
export { toYaml } from './to-yaml.ts';
export type {
  ExplainedCertificate,
  ExplainedField,
  ExplainedItem,
  ExplainedTemplate,
  ExplainedValidity,
  Explanation,
  HintedKey,
} from '../shared/inspect/explanation.ts';
export type { SealedPlace } from '../shared/inspect/place.ts';
export type { Misfit } from '../shared/crypto/envelope.ts';
export type { Scope } from '../shared/seal/scope.ts';
