import { FLAGS, type FlagName } from './definitions.ts';
import {
  flagOfArgument,
  parseValue,
  withEnvironment,
  type ParsedFlags,
  type FlagValue,
} from './parsed-flags.ts';

/**
 * Reads a correct command line as `readCommandLine` does, but without commander, which takes longer to load than sealing
 * takes. Returns undefined for `--help`, unknown flags and values that do not parse.
 */
export function readSimpleCommandLine(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): ParsedFlags | undefined {
  const values = new Map<FlagName, FlagValue>();
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return withEnvironment(values, [...words, ...argv.slice(at + 1)], environment);
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const [, dashed = word, text] = /^(-[a-zA-Z]|--[^=]+)=([^]*)$/.exec(word) ?? [];
    const name = flagOfArgument(dashed);
    const flag = name && FLAGS.get(name);
    if (name === undefined || flag === undefined) return undefined;
    if (flag.value === undefined) {
      if (text !== undefined) return undefined;
      values.set(name, true);
    } else {
      const argument = text ?? argv[++at];
      const value = argument === undefined ? undefined : parseValue(flag, argument, values.get(name));
      if (value === undefined) return undefined;
      values.set(name, value);
    }
  }
  return withEnvironment(values, words, environment);
}
