import { kubeseal } from '../support/run.ts';
import { expect } from './narrator.ts';

/** The registry login that `kubectl create secret docker-registry` writes into a Secret. */
const CONFIG = {
  auths: {
    'registry.example.com': {
      username: 'puller',
      password: 'correct-horse',
      auth: Buffer.from('puller:correct-horse').toString('base64'),
    },
  },
};

/** The base64 value in the Secret's `data`. */
export const DOCKER_CONFIG = Buffer.from(JSON.stringify(CONFIG)).toString('base64');

/** The manifest of the pull Secret. */
export const PULL_SECRET = `apiVersion: v1
kind: Secret
metadata:
  name: pull-secret
  namespace: shop
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: ${DOCKER_CONFIG}
`;

/** Runs kubeseal as a user would, and returns its stdout. */
export async function seal(
  args: readonly string[],
  stdin: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { code, stdout, stderr } = await kubeseal(args, { stdin, env });
  expect(code === 0, `kubeseal ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** Returns the beginning of the only ciphertext in a sealed file. */
export function excerpt(sealed: string): string {
  const line = sealed.split('\n').find((text) => text.includes('.dockerconfigjson:')) ?? '';
  return `${line.trim().slice(0, 72)}…`;
}
