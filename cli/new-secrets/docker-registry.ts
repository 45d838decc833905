import { utf8Text } from '../../shared/bytes.ts';
import type { CliContext } from '../context.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { readBytes, readFileBytes } from '../io/input.ts';
import { DOCKER_HUB, dockerConfigJson } from '../../shared/input/docker-config.ts';
import { noteHistory } from '../values/notes.ts';
import { promptFor } from '../values/prompts.ts';
import type { SecretSource } from './source.ts';

const COMMAND = 'create docker-registry';

/** Where the password comes from. */
interface PasswordFlags {
  readonly typed: string | undefined;
  readonly stdin: boolean;
  readonly file: string | undefined;
}

/**
 * Reads the flags of `create docker-registry`. `--server`, `--username` and `--password` on the command line are the
 * registry's; in the environment they are the API server's. Throws `Usage` when the source is used.
 */
export function dockerRegistrySource(flags: ParsedFlags): SecretSource {
  const typed = (name: 'server' | 'username' | 'password'): string | undefined =>
    flags.typed(name) ? flags.text(name) : undefined;
  const kubectl = {
    server: flags.text('docker-server'),
    username: flags.text('docker-username'),
    password: flags.text('docker-password'),
    email: flags.text('docker-email'),
  };
  const server = typed('server') ?? kubectl.server ?? DOCKER_HUB;
  const username = typed('username') ?? kubectl.username;
  const email = flags.text('email') ?? kubectl.email;
  const password = {
    typed: typed('password') ?? kubectl.password,
    stdin: flags.on('password-stdin'),
    file: flags.text('password-file'),
  };
  return {
    type: 'kubernetes.io/dockerconfigjson',
    prompts: password.typed === undefined && !password.stdin && password.file === undefined,
    async read(context) {
      if (username === undefined) return usageError(`${COMMAND} needs --username`);
      const login = { server, username, email, password: await readPassword(password, context) };
      return new Map([['.dockerconfigjson', dockerConfigJson(login)]]);
    },
  };
}

/** Reads the password, without one line break at its end, as `docker login --password-stdin` does. */
async function readPassword({ typed, stdin, file }: PasswordFlags, context: CliContext): Promise<string> {
  const flags = [
    ...(typed === undefined ? [] : ['--password']),
    ...(stdin ? ['--password-stdin'] : []),
    ...(file === undefined ? [] : ['--password-file']),
  ];
  if (flags.length > 1) usageError(`${flags.join(' and ')} cannot be used together`);
  if (typed !== undefined) {
    noteHistory(context);
    return typed;
  }
  if (stdin || file !== undefined) {
    const bytes =
      stdin || file === undefined
        ? await readBytes(undefined, 'password', context)
        : await readFileBytes(file);
    const password = bytes.toString('utf8').replace(/\r?\n$/, '');
    return password === '' ? usageError(`${COMMAND}: the password is empty`) : password;
  }
  const values = await promptFor(['password'], `${COMMAND} without --password-stdin or --password-file`);
  return utf8Text(values.get('password') ?? new Uint8Array());
}
