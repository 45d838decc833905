import { Command, Option } from 'commander';
import {
  commandNamed,
  NAMED_COMMANDS,
  TASKS,
  verbsOf,
  type CommandGroup,
  type CommandName,
  type NamedCommand,
} from './commands.ts';
import { FLAGS, type Flag } from './definitions.ts';
import { usageOf } from './parse.ts';

/** What to help with: a command, a group of commands, or all of them. */
interface HelpSubject {
  readonly command: CommandName | undefined;
  readonly group: CommandGroup | undefined;
}

/** Returns the text of `--help`, laid out by commander for the width of the terminal. */
export function helpText(program: string, { command, group }: HelpSubject): string {
  const named = command === undefined ? undefined : commandNamed(command);
  if (named !== undefined) return helpOfOne(program, named);
  return group === undefined ? helpOfAll(program) : helpOfGroup(program, group);
}

function helpOfAll(program: string): string {
  const help = new Command(program)
    .description(`Seals Kubernetes Secrets, so that they can be kept in Git.\n\n${listOfCommands(program)}`)
    .usage('[command] [flags] < secret.yaml > sealed.json')
    .helpOption(false);
  addFlags(help, FLAGS);
  return help.helpInformation() + examplesOfAll(program);
}

/** Returns the commands by task. They come before the flags, where commander would put them last. */
function listOfCommands(program: string): string {
  const width = Math.max(...NAMED_COMMANDS.map(({ name }) => (name.includes(' ') ? 0 : name.length)));
  const tasks = TASKS.map((task) => {
    const commands = NAMED_COMMANDS.filter((command) => command.task === task);
    // The names of two words have a column of their own, or there would be no room for the others' summaries.
    const own = Math.max(width, ...commands.map(({ name }) => name.length));
    return [task, ...commands.map(({ name, summary }) => `  ${name.padEnd(own)}  ${summary}`), ''];
  });
  return [...tasks.flat(), `Flags of a command: ${program} COMMAND --help`].join('\n');
}

function helpOfGroup(program: string, group: CommandGroup): string {
  const { name, summary, examples: lines } = group;
  const verbs = [...verbsOf(group)];
  const width = Math.max(...verbs.map(([verb]) => verb.length));
  return [
    `Usage: ${program} ${name} COMMAND [flags]`,
    '',
    sentence(summary),
    '',
    'Commands:',
    ...verbs.map(([verb, command]) => `  ${verb.padEnd(width)}  ${command.summary}`),
    '',
    `Flags of a command: ${program} ${name} COMMAND --help`,
    examples(lines.map((line) => `${program} ${line}`)),
  ].join('\n');
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function helpOfOne(program: string, named: NamedCommand): string {
  const { name, usage, summary, details, examples: lines } = named;
  const help = new Command(`${program} ${name}`)
    .description(details === undefined ? sentence(summary) : `${sentence(summary)}\n\n${details}`)
    .usage(usage)
    .helpOption(false);
  const own = FLAGS.filter(
    ({ commands, selects, kind }) =>
      (commands.length === 0 || commands.includes(name)) && !(selects === name && kind === 'switch'),
  );
  addFlags(
    help,
    own.map((flag) => ({ ...flag, help: flag.helpOf?.[name] ?? flag.help })),
    name,
  );
  return help.helpInformation() + examples(lines.map((line) => `${program} ${line}`));
}

function addFlags(command: Command, flags: readonly Flag[], name?: CommandName): void {
  for (const flag of flags) {
    const option = new Option(usageOf(flag, name), describe(flag));
    command.addOption(option.helpGroup(flag.group).hideHelp(flag.hidden ?? false));
  }
}

function describe(flag: Flag): string {
  const isDefault = flag.kind === 'text' && flag.default !== undefined;
  return isDefault ? `${flag.help} (default: ${flag.default ?? ''})` : flag.help;
}

function examplesOfAll(program: string): string {
  return examples([
    `${program} create generic db -n shop --prompt password -w db.yaml`,
    `${program} set db.yaml password --prompt`,
    `${program} -f secret.yaml -w sealed.yaml`,
    `${program} --fetch-cert > cert.pem`,
    `echo -n value | ${program} --raw --name db -n prod --cert cert.pem`,
    `${program} --merge-into sealed.yaml -f one-more-item.yaml`,
    `source <(${program} completion bash)`,
  ]);
}

function examples(lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  ${line}`), ''].join('\n');
}
