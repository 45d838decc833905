import type { Scope } from '../../shared/seal/scope.ts';

/**
 * What the page knows of a person's input, and what it tells about it. The page sends each request whole, so that the
 * worker keeps nothing between two of them, and a worker that was ended loses nothing.
 */

export type { Scope };

/** A certificate in PEM with the name of its cluster, as a person knows it. */
export interface NamedCertificate {
  readonly name: string;
  readonly pem: string;
}

/** What the page shows of a certificate. */
export interface CertificateSummary extends NamedCertificate {
  /** `SHA256:` and base64, as `kubeseal` and the controller show it. */
  readonly fingerprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** An error for a certificate that cannot be sealed with, such as an expired one; warnings otherwise. */
  readonly messages: readonly Message[];
}

/** One value of a Secret. It goes to the worker and never comes back, except as what `recognize` finds in a file. */
export interface Item {
  readonly name: string;
  readonly value: Uint8Array<ArrayBuffer>;
}

/** A text or file as a person pasted, dropped or chose it. */
export interface Pasted {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The name of the file; undefined for pasted text. */
  readonly fileName: string | undefined;
}

/** What to seal. */
export type Input = SecretsInput | FormInput | DockerInput | TlsInput | SealedInput;

/** Secrets in YAML or JSON. */
export interface SecretsInput {
  readonly kind: 'secrets';
  readonly file: Pasted;
}

/** A Secret that is filled in. Its namespaces are those of `Choices`. */
interface NewSecret {
  readonly name: string;
}

/** Items that are filled in, or that come from a `.env` file or other files. */
export interface FormInput extends NewSecret {
  readonly kind: 'form';
  /** The type of the Secret; empty for `Opaque`. */
  readonly type: string;
  readonly items: readonly Item[];
}

/** The login to a container registry. */
export interface DockerInput extends NewSecret {
  readonly kind: 'docker';
  /** Empty for Docker Hub. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
  /** Empty if there is none. */
  readonly email: string;
}

/** A certificate chain and its private key, in PEM. */
export interface TlsInput extends NewSecret {
  readonly kind: 'tls';
  readonly certificate: Uint8Array<ArrayBuffer>;
  readonly key: Uint8Array<ArrayBuffer>;
}

/** Items to set and to remove in a SealedSecret. Its file decides about name, namespace and scope. */
export interface SealedInput {
  readonly kind: 'sealed';
  readonly file: Pasted;
  /** Which SealedSecret of the file, as an index of `RecognizedSealed.objects`. */
  readonly object: number;
  readonly set: readonly Item[];
  readonly remove: readonly string[];
}

/** Where and how to seal. */
export interface Choices {
  readonly certificates: readonly NamedCertificate[];
  /**
   * The scope; undefined for the one that the annotations of a pasted Secret say, which is strict without any. Not used
   * for a SealedSecret.
   */
  readonly scope: Scope | undefined;
  /** The namespaces; empty for those of the pasted Secrets. Not used for a SealedSecret. */
  readonly namespaces: readonly string[];
  /** `raw` is only for one item in one namespace, and gives the ciphertext alone. Not used for a SealedSecret. */
  readonly format: OutputFormat;
}

/** The form of the result. */
export type OutputFormat = 'yaml' | 'json' | 'raw';

/** A control of the page that a message is about. */
export interface Field {
  readonly name: FieldName;
  /** Which one of several, from 0: of `certificates`, `namespaces`, and of the items of a form or a SealedSecret. */
  readonly index?: number;
}

/** The names of the controls. */
export type FieldName =
  | 'certificate'
  | 'file'
  | 'name'
  | 'namespace'
  | 'type'
  | 'items'
  | 'item-name'
  | 'item-value'
  | 'docker-server'
  | 'docker-username'
  | 'docker-password'
  | 'docker-email'
  | 'tls-certificate'
  | 'tls-key'
  | 'scope'
  | 'format';

/** Words for a person, without values of Secrets. */
export interface Message {
  /** Nothing is sealed while there is an error. A note says what a person may not expect, such as a wide scope. */
  readonly severity: 'error' | 'warning' | 'note';
  /** One line of plain text; may hold names from the input, so it is no HTML. */
  readonly text: string;
  /** The stable code of a failure, such as `BadBase64`; undefined for warnings and notes. */
  readonly code?: string;
  readonly field: Field;
}

/** What a pasted or dropped text or file turned out to be. */
export type Recognized =
  RecognizedSecrets | RecognizedSealed | RecognizedItems | RecognizedCertificate | RecognizedRefused;

/** Secrets in YAML or JSON: the input `secrets`. */
export interface RecognizedSecrets {
  readonly kind: 'secrets';
  readonly objects: readonly ObjectSummary[];
}

/** A file with SealedSecrets: the input `sealed`. */
export interface RecognizedSealed {
  readonly kind: 'sealed';
  readonly objects: readonly ObjectSummary[];
}

/** A `.env` file, or any other file as one item: rows for a form. */
export interface RecognizedItems {
  readonly kind: 'items';
  readonly items: readonly Item[];
  readonly messages: readonly Message[];
}

/** A certificate to seal with, unless it is for the form of TLS pairs. */
export interface RecognizedCertificate {
  readonly kind: 'certificate';
}

/** What is not taken, such as a private key, or a text that is larger than the bound. */
export interface RecognizedRefused {
  readonly kind: 'refused';
  readonly message: Message;
}

/** The public part of a Secret or SealedSecret. */
export interface ObjectSummary {
  /** Empty if the object has none. */
  readonly name: string;
  readonly namespace: string;
  readonly scope: Scope;
  /** The names of the items; of a SealedSecret those in `spec.encryptedData`. */
  readonly items: readonly string[];
}

/** What sealing would do. */
export interface Plan {
  /** One entry for each certificate, namespace and object. Empty while an error makes it unknown. */
  readonly targets: readonly Target[];
  /** The input's own errors, warnings and notes, each once, errors first. */
  readonly messages: readonly Message[];
}

/** One object for one place and one certificate. */
export interface Target {
  /** The name and fingerprint of the certificate; both empty if items are only removed from a SealedSecret. */
  readonly certificate: string;
  readonly fingerprint: string;
  readonly name: string;
  readonly namespace: string;
  readonly scope: Scope;
  readonly items: readonly PlannedItem[];
}

/** What happens to an item. Its value is not told. */
export interface PlannedItem {
  readonly name: string;
  readonly action: 'seal' | 'replace' | 'add' | 'remove' | 'keep';
  /** In bytes; undefined for an item that is removed or kept. */
  readonly size: number | undefined;
}

/** The result of sealing. */
export type Result = Sealed | NotSealed;

/** Sealed objects, one output for each certificate. */
export interface Sealed {
  readonly kind: 'sealed';
  readonly outputs: readonly Output[];
  /** Warnings and notes about the result, such as its size. */
  readonly messages: readonly Message[];
}

/** Nothing was sealed. At least one message is an error. */
export interface NotSealed {
  readonly kind: 'refused';
  readonly messages: readonly Message[];
}

/** What to put into a file or to copy. It holds no plaintext. */
export interface Output {
  readonly certificate: string;
  readonly fingerprint: string;
  /** A name for the download, such as `db.sealed.yaml`. */
  readonly fileName: string;
  readonly format: OutputFormat;
  /** The number of SealedSecrets in the text. */
  readonly documents: number;
  readonly text: string;
}
