import { FORM_FIELDS, newDraft, type Drafts } from './draft.ts';
import { noteAt, thrownAt } from './messages.ts';
import { checkTlsPair, type PairProblem } from './tls-pair.ts';
import type { Message, TlsInput } from './types.ts';

/** Returns the Secret of a TLS pair. */
export async function tlsDraft({ name, certificate, key }: TlsInput): Promise<Drafts> {
  const data = new Map([
    ['tls.crt', certificate],
    ['tls.key', key],
  ]);
  return {
    drafts: [newDraft(name, 'kubernetes.io/tls', data)],
    messages: (await checkTlsPair(certificate, key)).map(messageAbout),
    fields: FORM_FIELDS,
  };
}

function messageAbout(problem: PairProblem): Message {
  switch (problem.about) {
    case 'certificate':
      return thrownAt({ name: 'tls-certificate' }, problem.error);
    case 'key':
      return thrownAt({ name: 'tls-key' }, problem.error);
    case 'unknown':
      return noteAt(
        { name: 'tls-key' },
        'this browser cannot check whether the private key belongs to the certificate',
      );
  }
}
