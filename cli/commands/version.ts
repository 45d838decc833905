import { version as programVersion } from '../../shared/version.ts';
import { defineCommand } from './command.ts';

/** `--version`: prints the version. */
export const version = defineCommand({
  name: 'version',
  informational: true,
  options: () => ({ command: 'version' }),
  run: () => {
    process.stdout.write(`kubeseal version: ${programVersion()}\n`);
    return Promise.resolve();
  },
});
