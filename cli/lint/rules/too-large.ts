import { inMib, MAX_SEALED_SECRET, sizesOf } from '../../../shared/input/sizes.ts';
import { MAX_SECRET_SIZE } from '../../../shared/seal/secret-size.ts';
import type { ObjectRule } from '../object.ts';
import type { Problem } from '../problem.ts';
import { sealedOf } from '../sealed-of.ts';

/** S015: more than Kubernetes accepts. The lengths of values are public. */
export const tooLarge: ObjectRule = (object) => {
  const sealed = sealedOf(object);
  if (sealed === undefined) return [];
  const sizes = sizesOf(sealed);
  const problems: Problem[] = [];
  if (sizes.object > MAX_SEALED_SECRET) {
    problems.push({
      rule: 'S015',
      at: [],
      message: `the SealedSecret has ${inMib(sizes.object)}, and etcd accepts at most 1.5 MiB`,
      advice: ADVICE,
    });
  }
  if (sizes.data > MAX_SECRET_SIZE) {
    problems.push({
      rule: 'S015',
      at: ['spec', 'encryptedData'],
      message: `the Secret will hold ${inMib(sizes.data)} of data, and Kubernetes allows at most 1 MiB`,
      advice: ADVICE,
    });
  }
  return problems;
};

const ADVICE =
  'split it into several SealedSecrets, or keep large files elsewhere and seal only the key to them';
