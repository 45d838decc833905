import { nearest } from '../../shared/input/nearest.ts';
import { visible } from '../../shared/text.ts';
import { verbsOf, type CommandGroup } from './commands.ts';

/** Returns what is wrong with the word behind a group of commands, which is not one of its verbs. */
export function verbProblem(group: CommandGroup, word = ''): string {
  const verbs = [...verbsOf(group).keys()];
  const isVerb = word !== '' && !word.startsWith('-');
  const meant = isVerb ? nearest(word, verbs) : undefined;
  const problem = isVerb ? `no command "${visible(word)}"` : 'a command is required behind it';
  const advice =
    meant === undefined ? `there is ${verbs.join(', ')}` : `did you mean kubeseal ${group.name} ${meant}?`;
  return `${group.name}: ${problem}; ${advice}`;
}
