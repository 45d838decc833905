import { FLAGS, type FlagName } from './definitions.ts';
import { named, valueOf, withEnvironment, type ParsedFlags, type Value } from './parsed-flags.ts';

/**
 * Reads a command line that is right, as `readCommandLine` does, without the library behind that, which takes longer
 * to load than to seal. Gives undefined where help is asked for, a word is no known flag, or a value does not parse.
 */
export function readQuickly(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): ParsedFlags | undefined {
  const values = new Map<FlagName, Value>();
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return withEnvironment(values, [...words, ...argv.slice(at + 1)], environment);
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const [, dashed = word, text] = /^(-[a-zA-Z]|--[^=]+)=([^]*)$/.exec(word) ?? [];
    const name = named(dashed);
    const flag = name && FLAGS.get(name);
    if (name === undefined || flag === undefined) return undefined;
    if (flag.value === undefined) {
      if (text !== undefined) return undefined;
      values.set(name, true);
    } else {
      const given = text ?? argv[++at];
      const value = given === undefined ? undefined : valueOf(flag, given, values.get(name));
      if (value === undefined) return undefined;
      values.set(name, value);
    }
  }
  return withEnvironment(values, words, environment);
}
