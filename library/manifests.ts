// The manifests that the library takes and gives: plain objects, as JSON and YAML have them.

/** The metadata of a manifest that the library reads. It ignores other fields. */
export interface MetadataInput {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

/**
 * A Secret to seal. The types of `@kubernetes/client-node`, cdk8s and others fit. `seal` checks the object, so it may
 * come from a file.
 */
export interface SecretInput {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?: MetadataInput | undefined;
  readonly type?: string | undefined;
  readonly immutable?: boolean | undefined;
  /** Values in base64, by item. */
  readonly data?: Readonly<Record<string, string>> | undefined;
  /** Values as text, by item. They take precedence over `data`. */
  readonly stringData?: Readonly<Record<string, string>> | undefined;
}

/** The metadata of a manifest that the library has made. */
export interface ManifestMetadata {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
}

/** A SealedSecret, ready for `kubectl apply`. */
export interface SealedSecretManifest {
  apiVersion: 'bitnami.com/v1alpha1';
  kind: 'SealedSecret';
  metadata: ManifestMetadata & { name: string };
  spec: {
    /** The sealed values in base64, by item. */
    encryptedData: Record<string, string>;
    /** The Secret to make, without its items. */
    template: { metadata: ManifestMetadata; type?: string; immutable?: boolean };
  };
}

/** The Secret that a SealedSecret becomes in the cluster. */
export interface SecretManifest {
  apiVersion: 'v1';
  kind: 'Secret';
  metadata: ManifestMetadata;
  type?: string;
  immutable?: boolean;
  /** The values in base64, by item. */
  data: Record<string, string>;
}
