/** The names in labels and annotations that this format gives a meaning. */

const PREFIX = 'sealedsecrets.bitnami.com/';

export const CLUSTER_WIDE = `${PREFIX}cluster-wide`;
export const NAMESPACE_WIDE = `${PREFIX}namespace-wide`;

/** The label that marks a Secret as a sealing key; the value `active` puts it to use. */
export const SEALING_KEY_LABEL = `${PREFIX}sealed-secrets-key`;

/** They hold a copy of the object as it was applied, plaintext included: they never go into a SealedSecret. */
export const LAST_APPLIED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubecfg.ksonnet.io/last-applied-configuration',
] as const;
