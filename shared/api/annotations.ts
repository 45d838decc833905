// The labels and annotations that have a meaning here.

const PREFIX = 'sealedsecrets.bitnami.com/';

/** Sets the scope `cluster-wide` if it is "true". */
export const CLUSTER_WIDE = `${PREFIX}cluster-wide`;
/** Sets the scope `namespace-wide` if it is "true". */
export const NAMESPACE_WIDE = `${PREFIX}namespace-wide`;

/** On an existing Secret: lets the controller take it over and overwrite it. */
export const MANAGED = `${PREFIX}managed`;
/** On an existing Secret: lets the controller add its items, labels and annotations, and keep the rest. */
export const PATCH = `${PREFIX}patch`;
/** In a template: makes a Secret without owner reference, which outlives its SealedSecret. */
export const SKIP_OWNER = `${PREFIX}skip-set-owner-references`;

/**
 * On a Secret: the UID of the SealedSecret that owns it. Counts only if no owner reference names a controller of the
 * Secret. Only the controller and users who can write the Secret can set it; it is dropped from templates. Not in the
 * reference.
 */
export const OWNER_UID = `${PREFIX}owner-uid`;

/** The comma-separated fingerprints of the keys that an object was sealed with. A hint; not in the reference. */
export const SEALING_KEY = `${PREFIX}sealing-key`;

/**
 * For each item the key and the place that it was sealed for, so that files can be checked without a cluster. It proves
 * nothing; not in the reference.
 */
export const SEALING_RECORD = `${PREFIX}sealing-record`;

/** The label of a sealing key's Secret. The key is in use if the value is `active`. */
export const SEALING_KEY_LABEL = `${PREFIX}sealed-secrets-key`;

/** On the key record: the time at which someone requested a new sealing key (RFC 3339). Not in the reference. */
export const RENEW_REQUESTED_AT = `${PREFIX}renew-requested-at`;

/** On a key Secret that keeps a replaced key: the name of the Secret that held it. Not in the reference. */
export const KEPT_FROM = `${PREFIX}kept-from`;
/** On a key Secret that keeps a replaced key: when that Secret was created (RFC 3339). Not in the reference. */
export const KEY_CREATED = `${PREFIX}key-created`;

/** Annotations with a copy of the applied object, including its plaintext. Never copied to a SealedSecret. */
export const LAST_APPLIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubecfg.ksonnet.io/last-applied-configuration',
] as const;
