import type { Certificate } from '../../shared/crypto/certificate.ts';
import { checkCertificates, noCertificate } from './certificates.ts';
import { draftsOf, type NewInput } from './drafts.ts';
import { tooMuch, type Amount } from './limits.ts';
import { errorAt, sorted } from './messages.ts';
import { sealingsOf, type Sealing } from './sealings.ts';
import type { Choices, Message, Plan, Target } from './types.ts';

/** A certificate that can be sealed with, and its name. */
export interface UsableCertificate {
  readonly name: string;
  readonly certificate: Certificate;
}

/** An input that is ready to be sealed, unless there is an error. */
export interface Prepared {
  readonly certificates: readonly UsableCertificate[];
  readonly sealings: readonly Sealing[];
  readonly messages: readonly Message[];
}

/** Reads and checks everything that makes new SealedSecrets. */
export async function prepare(input: NewInput, choices: Choices, now: Date): Promise<Prepared> {
  const checked = await checkCertificates(choices.certificates, now);
  const drafts = await draftsOf(input);
  const { sealings, messages } = sealingsOf(drafts, choices);
  const excess = tooMuch(amountOf(sealings, choices.certificates.length), drafts.fields.items);
  // What cannot be shown has no messages either.
  if (excess.length > 0) return { certificates: [], sealings: [], messages: excess };
  return {
    certificates: checked.flatMap(({ name, certificate }) => (certificate ? [{ name, certificate }] : [])),
    sealings,
    messages: sorted([
      ...noCertificate(choices.certificates),
      ...checked.flatMap((each) => each.messages),
      ...messages,
      ...rawMessages(sealings, choices),
    ]),
  };
}

/** Returns what sealing a prepared input would do. */
export function planOf({ certificates, sealings, messages }: Prepared): Plan {
  const targets = certificates.flatMap((each) => sealings.map((sealing) => targetOf(each, sealing)));
  return { targets, messages };
}

function targetOf({ name, certificate }: UsableCertificate, { secret, scope }: Sealing): Target {
  return {
    certificate: name,
    fingerprint: certificate.fingerprint,
    name: secret.metadata.name,
    namespace: secret.metadata.namespace,
    scope,
    items: [...secret.data].map(([item, { length }]) => ({ name: item, action: 'seal', size: length })),
  };
}

function amountOf(sealings: readonly Sealing[], certificates: number): Amount {
  const items = sealings.reduce((sum, { secret }) => sum + secret.data.size, 0);
  return { objects: sealings.length * certificates, items: items * certificates };
}

function rawMessages(sealings: readonly Sealing[], { format }: Choices): readonly Message[] {
  if (format !== 'raw' || sealings.reduce((sum, { secret }) => sum + secret.data.size, 0) <= 1) return [];
  return [errorAt({ name: 'format' }, 'only one item in one namespace has a raw value; choose YAML or JSON')];
}
