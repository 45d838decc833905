import { Command, Option } from 'commander';
import { FLAGS, type Flag } from './definitions.ts';
import { usageOf } from './parse.ts';

/** Returns the text of `--help`, laid out by commander for the width of the terminal. */
export function helpText(program: string): string {
  const command = new Command(program)
    .description('Seals Kubernetes Secrets, so that they can be kept in Git.')
    .usage('[flags] < secret.yaml > sealed.json')
    .helpOption(false);
  for (const flag of FLAGS) {
    const option = new Option(usageOf(flag), describe(flag));
    command.addOption(option.helpGroup(flag.group).hideHelp(flag.hidden ?? false));
  }
  return command.helpInformation() + examples(program);
}

function describe(flag: Flag): string {
  const isDefault = flag.kind === 'text' && flag.default !== undefined;
  return isDefault ? `${flag.help} (default: ${flag.default ?? ''})` : flag.help;
}

function examples(program: string): string {
  return `
Examples:
  ${program} -f secret.yaml -w sealed.yaml
  ${program} --fetch-cert > cert.pem
  echo -n value | ${program} --raw --name db -n prod --cert cert.pem
  ${program} --merge-into sealed.yaml -f one-more-item.yaml
  source <(${program} completion bash)
`;
}
