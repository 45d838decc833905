import { kubeseal } from '../support/run.ts';
import { expect } from './narrator.ts';

/** What `kubectl create secret docker-registry` makes: the login of a registry, as a Secret. */
const CONFIG = {
  auths: {
    'registry.example.com': {
      username: 'puller',
      password: 'correct-horse',
      auth: Buffer.from('puller:correct-horse').toString('base64'),
    },
  },
};

/** The base64 text that stands in the Secret's `data`. */
export const DOCKER_CONFIG = Buffer.from(JSON.stringify(CONFIG)).toString('base64');

export const PULL_SECRET = `apiVersion: v1
kind: Secret
metadata:
  name: pull-secret
  namespace: shop
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: ${DOCKER_CONFIG}
`;

/** Runs kubeseal as a user would and gives its output. */
export async function seal(
  args: readonly string[],
  stdin: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { code, stdout, stderr } = await kubeseal(args, { stdin, env });
  expect(code === 0, `kubeseal ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** The beginning of the one ciphertext in a sealed file. */
export function excerpt(sealed: string): string {
  const line = sealed.split('\n').find((text) => text.includes('.dockerconfigjson:')) ?? '';
  return `${line.trim().slice(0, 72)}…`;
}
