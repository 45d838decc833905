/** The names in labels and annotations that this format gives a meaning. */

const PREFIX = 'sealedsecrets.bitnami.com/';

export const CLUSTER_WIDE = `${PREFIX}cluster-wide`;
export const NAMESPACE_WIDE = `${PREFIX}namespace-wide`;

/** On an existing Secret: the controller may take it over, and overwrite it. */
export const MANAGED = `${PREFIX}managed`;
/** On an existing Secret: the controller adds its items, labels and annotations, and leaves the rest. */
export const PATCH = `${PREFIX}patch`;
/** In a template: the Secret has no owner reference, and outlives its SealedSecret. */
export const SKIP_OWNER = `${PREFIX}skip-set-owner-references`;

/**
 * Ours, on a Secret: the UID of the SealedSecret that it belongs to. It counts while no owner reference says who controls
 * the Secret. Only the controller and the writers of that Secret set it; what a template says of it is dropped.
 */
export const OWNER_UID = `${PREFIX}owner-uid`;

/** Ours, and advisory: the fingerprints of the keys an object was sealed with, separated by commas. */
export const SEALING_KEY = `${PREFIX}sealing-key`;

/** The label that marks a Secret as a sealing key; the value `active` puts it to use. */
export const SEALING_KEY_LABEL = `${PREFIX}sealed-secrets-key`;

/** They hold a copy of the object as it was applied, plaintext included: they never go into a SealedSecret. */
export const LAST_APPLIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubecfg.ksonnet.io/last-applied-configuration',
] as const;
