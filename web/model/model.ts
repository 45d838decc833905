import { readCertificate } from './certificates.ts';
import { planOfEdit, prepareEdit } from './edit-plan.ts';
import { thrownAt } from './messages.ts';
import { planOf, prepare } from './new-plan.ts';
import type { Model } from './protocol.ts';
import { recognize } from './recognize.ts';
import { sealEdit } from './seal-edit.ts';
import { sealNew } from './seal-new.ts';
import type { Choices, Input, Message, Plan, Result } from './types.ts';

/** Returns the model. `now` returns the time, by which certificates are valid or not. */
export function makeModel(now: () => Date): Model {
  return {
    readCertificate: (certificate) => readCertificate(certificate, now()),
    recognize: (file) => Promise.resolve(recognize(file)),
    async plan(input, choices) {
      try {
        return await plan(input, choices, now());
      } catch (error) {
        return { targets: [], messages: [broken(error)] };
      }
    },
    async seal(input, choices) {
      try {
        return await seal(input, choices, now());
      } catch (error) {
        return { kind: 'refused', messages: [broken(error)] };
      }
    },
  };
}

async function plan(input: Input, choices: Choices, now: Date): Promise<Plan> {
  return input.kind === 'sealed'
    ? planOfEdit(await prepareEdit(input, choices, now))
    : planOf(await prepare(input, choices, now));
}

async function seal(input: Input, choices: Choices, now: Date): Promise<Result> {
  return input.kind === 'sealed' ? sealEdit(input, choices, now) : sealNew(input, choices, now);
}

/** Input that no check refuses, but that cannot be sealed. The message quotes nothing of it. */
function broken(error: unknown): Message {
  return thrownAt({ name: 'file' }, error);
}
