import { CLUSTER_WIDE, NAMESPACE_WIDE } from '../api/annotations.ts';
import { isLeftOut, type SealedSecret } from '../api/sealed-secret.ts';
import { shortTime, type Certificate } from '../crypto/certificate.ts';
import { misfit, type Misfit } from '../crypto/envelope.ts';
import { hintOf } from '../seal/hint.ts';
import { scopeOf } from '../seal/scope.ts';
import { factsOf } from './facts.ts';
import { placeOf, type SealedPlace } from './place.ts';

/** A certificate that may have sealed something. */
export interface Suspect {
  readonly certificate: Certificate;
  /** The file or URL that it came from. */
  readonly from: string;
}

/** What a SealedSecret is, without a private key. `explain -o json` prints these fields. */
export interface Explanation {
  readonly name: string;
  readonly namespace: string;
  readonly unseals: SealedPlace;
  readonly type: string;
  readonly immutable: boolean;
  readonly items: readonly ExplainedItem[];
  /** The whole Secret of the deprecated `spec.data`. */
  readonly data?: ExplainedItem;
  readonly template: ExplainedTemplate;
  readonly hintedKeys: readonly HintedKey[];
  readonly certificates: readonly ExplainedCertificate[];
  /** What is probably a mistake. */
  readonly notes: readonly string[];
}

/** An item: the size of the key that it was sealed for and the length of its value, or why it is malformed. */
export type ExplainedItem = {
  readonly name: string;
  /** Whether the template leaves the item out of the Secret. */
  readonly leftOut: boolean;
} & ({ readonly keyBits: number; readonly length: number } | { readonly problem: string });

/** What the template adds to the Secret. */
export interface ExplainedTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly data: readonly ExplainedField[];
}

/** A field of the template: the items that it uses, or why it cannot be parsed. */
export type ExplainedField = { readonly name: string } & (
  | {
      readonly uses: readonly string[];
      /** Those of `uses` that do not exist. */
      readonly missing: readonly string[];
      /** Whether it uses the items as a whole, such as `range .`. */
      readonly usesAll: boolean;
    }
  | { readonly problem: string }
);

/** The validity of a certificate. */
export interface ExplainedValidity {
  readonly from: string;
  readonly validFrom: string;
  readonly validUntil: string;
  /** The whole days since `validFrom`; negative if that is in the future. */
  readonly ageInDays: number;
}

/** A key that the annotation `sealing-key` names. */
export interface HintedKey {
  readonly fingerprint: string;
  /** Null if none of the certificates has this key. */
  readonly certificate: ExplainedValidity | null;
}

/** What a certificate may have sealed. */
export interface ExplainedCertificate extends ExplainedValidity {
  readonly fingerprint: string;
  readonly keyBits: number;
  readonly cannotHaveSealed: readonly { readonly item: string; readonly because: Misfit }[];
  readonly mayHaveSealed: readonly string[];
}

/** What an explanation depends on besides the SealedSecret. */
export interface ExplainContext {
  readonly suspects: readonly Suspect[];
  readonly now: Date;
}

/** Explains a SealedSecret without a private key and without a cluster. */
export async function explain(sealed: SealedSecret, { suspects, now }: ExplainContext): Promise<Explanation> {
  const { metadata, template, encryptedData, v1Data } = sealed;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    unseals: placeOf(sealed),
    type: template.type || 'Opaque',
    immutable: template.immutable ?? false,
    items: [...encryptedData].map(([name, value]) => explainItem(name, value, isLeftOut(template, name))),
    ...(v1Data === undefined ? {} : { data: explainItem('data', v1Data, false) }),
    template: {
      labels: Object.fromEntries(template.metadata.labels),
      annotations: Object.fromEntries(template.metadata.annotations),
      data: await explainFields(sealed),
    },
    hintedKeys: hintOf(metadata.annotations).map((fingerprint) => {
      const suspect = suspects.find(({ certificate }) => certificate.fingerprint === fingerprint);
      return { fingerprint, certificate: suspect ? validityOf(suspect, now) : null };
    }),
    certificates: suspects.map((suspect) => explainCertificate(suspect, sealed, now)),
    notes: notesOn(sealed),
  };
}

function explainItem(name: string, value: string | null, leftOut: boolean): ExplainedItem {
  const facts = factsOf(value);
  return 'problem' in facts
    ? { name, leftOut, problem: facts.problem }
    : { name, leftOut, keyBits: facts.keyBits, length: facts.length };
}

async function explainFields({ template, encryptedData }: SealedSecret): Promise<readonly ExplainedField[]> {
  const texts = new Map([...template.data].filter(([, text]) => text !== null));
  if (texts.size === 0) return [];
  // Most SealedSecrets have no templates, and then need no parser of templates.
  const { templateUses } = await import('../seal/template-uses.ts');
  return [...templateUses(texts)].map(([name, use]) => {
    if (typeof use === 'string') return { name, problem: use };
    const missing = use.items.filter((item) => !encryptedData.has(item) && !texts.has(item));
    return { name, uses: use.items, missing, usesAll: use.all };
  });
}

function explainCertificate(suspect: Suspect, sealed: SealedSecret, now: Date): ExplainedCertificate {
  const { fingerprint, publicKey } = suspect.certificate;
  const { encryptedData, v1Data } = sealed;
  const values = new Map([...encryptedData, ...(v1Data === undefined ? [] : [['data', v1Data] as const])]);
  const verdicts = [...values].flatMap(([item, value]) => {
    const facts = factsOf(value);
    return 'problem' in facts ? [] : [{ item, because: misfit(facts.envelope, publicKey.modulus) }];
  });
  return {
    fingerprint,
    keyBits: publicKey.modulus.length * 8,
    ...validityOf(suspect, now),
    cannotHaveSealed: verdicts.flatMap(({ item, because }) => (because ? [{ item, because }] : [])),
    mayHaveSealed: verdicts.flatMap(({ item, because }) => (because ? [] : [item])),
  };
}

const DAY = 24 * 60 * 60 * 1000;

function validityOf({ certificate: { notBefore, notAfter }, from }: Suspect, now: Date): ExplainedValidity {
  return {
    from,
    validFrom: shortTime(notBefore),
    validUntil: shortTime(notAfter),
    ageInDays: Math.floor((now.getTime() - notBefore.getTime()) / DAY),
  };
}

function notesOn({ metadata, template }: SealedSecret): readonly string[] {
  const { annotations } = metadata;
  const isBoth = [CLUSTER_WIDE, NAMESPACE_WIDE].every((name) => annotations.get(name) === 'true');
  const isOnTemplate =
    scopeOf(annotations) === 'strict' && scopeOf(template.metadata.annotations) !== 'strict';
  return [
    ...(isBoth ? ['of the annotations cluster-wide and namespace-wide, cluster-wide takes precedence'] : []),
    ...(isOnTemplate ? ['the scope annotation of spec.template has no effect: it belongs in metadata'] : []),
  ];
}
