import { MAX_DEPTH } from '../api/depth.ts';

/** The message for documents that are nested too deeply. */
export const TOO_DEEP = `nesting deeper than ${MAX_DEPTH}`;

/** This project's messages for YAML errors. Each is followed by " at line …". */
export const YAML_WORDS = {
  ALIAS_PROPS: 'an alias (*…) has an anchor or tag of its own',
  BAD_ALIAS: 'an anchor (&) or alias (*) has no valid name: put text that begins with & or * in quotes,',
  BAD_BLOCK: 'the header of a block scalar (| or >) is invalid',
  BAD_DIRECTIVE: 'a line begins with % and is not a known YAML directive',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes: double the backslash, or use single quotes,',
  BAD_INDENT: 'the indentation is inconsistent',
  BAD_MERGE: 'a merge key (<<) needs a map or a list of maps,',
  BAD_SCALAR_START: 'a value begins with a special character (such as @ or %): put it in quotes,',
  BLOCK_AS_IMPLICIT_KEY: 'there is a second ":" or a "-" in one line: put a value that holds it in quotes,',
  CONTROL_CHARACTER: 'there is a control character: write it as an escape in double quotes,',
  DUPLICATE_KEY: 'duplicate key',
  IMPOSSIBLE: 'the text cannot be read',
  MISSING_CHAR: 'a character is missing (a quote, bracket or comma)',
  MISSING_COLON: 'a key has no ":" behind it, or no space behind the ":"',
  MULTILINE_IMPLICIT_KEY: 'a key spans several lines (is a ":" or a quote missing?)',
  MULTIPLE_ANCHORS: 'a value has more than one anchor (&…)',
  MULTIPLE_TAGS: 'a value has more than one tag (!…)',
  NON_STRING_KEY: 'a key is not a string: put it in quotes,',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'a tab is used as indentation',
  TAG_RESOLVE_FAILED: 'a tag (!…) is not supported',
  TOO_MANY_MERGED: 'merge keys (<<) copy too many keys',
  UNEXPECTED_COMMA: 'there is a "," with nothing before it',
  UNEXPECTED_TOKEN: 'unexpected text (is a quote, bracket or "-" wrong?)',
  WRONG_VERSION: 'the %YAML directive requires a version other than 1.1',
} as const;

type Code = keyof typeof YAML_WORDS;

/** The prefixes of js-yaml's reasons, which may quote the text. The first match wins. */
const REASONS: readonly (readonly [beginning: string, code: Code])[] = [
  ['nesting exceeded', 'RESOURCE_EXHAUSTION'],
  ['tab characters', 'TAB_AS_INDENT'],
  ['deficient indentation', 'MISSING_CHAR'],
  ['bad indentation', 'BAD_INDENT'],
  ['unexpected end of the stream within a verbatim tag', 'TAG_RESOLVE_FAILED'],
  ['unexpected end', 'MISSING_CHAR'],
  ['missed comma', 'MISSING_CHAR'],
  ['expected the node content', 'UNEXPECTED_COMMA'],
  ['unknown escape', 'BAD_DQ_ESCAPE'],
  ['expected hexadecimal', 'BAD_DQ_ESCAPE'],
  ['repeat of', 'BAD_BLOCK'],
  ['bad explicit indentation', 'BAD_BLOCK'],
  ['a line break is expected', 'BAD_BLOCK'],
  ['a whitespace character is expected', 'MISSING_COLON'],
  ["expected ':'", 'MISSING_COLON'],
  ['can not read a block mapping entry', 'MULTILINE_IMPLICIT_KEY'],
  ['undeclared tag', 'TAG_RESOLVE_FAILED'],
  ['duplication of a tag', 'MULTIPLE_TAGS'],
  ['named tag', 'TAG_RESOLVE_FAILED'],
  ['tag ', 'TAG_RESOLVE_FAILED'],
  ['duplication of an anchor', 'MULTIPLE_ANCHORS'],
  ['name of an', 'BAD_ALIAS'],
  ['alias node', 'ALIAS_PROPS'],
  ['the stream contains', 'CONTROL_CHARACTER'],
  ['expected valid JSON', 'CONTROL_CHARACTER'],
  ['end of the stream', 'UNEXPECTED_TOKEN'],
  ['directive', 'BAD_DIRECTIVE'],
  ['duplication of %YAML', 'BAD_DIRECTIVE'],
  ['YAML directive', 'BAD_DIRECTIVE'],
  ['TAG directive', 'BAD_DIRECTIVE'],
  ['unacceptable YAML version', 'WRONG_VERSION'],
  ['there is a previously declared', 'BAD_DIRECTIVE'],
  ['ill-formed', 'BAD_DIRECTIVE'],
];

/** Returns the code for a js-yaml reason. */
export function codeOf(reason: string): Code {
  return REASONS.find(([beginning]) => reason.startsWith(beginning))?.[1] ?? 'IMPOSSIBLE';
}

/** An error code and its offset in UTF-16 units. */
interface Problem {
  readonly code: Code;
  readonly offset: number;
}

/** Returns the code and the position to report for a js-yaml reason and the position where its parser stopped. */
export function problemAt(reason: string, offset: number, text: string): Problem {
  const code = codeOf(reason);
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(lineStart, offset);
  switch (code) {
    case 'BAD_DQ_ESCAPE':
      return { code, offset: text.lastIndexOf('\\', offset - 1) };
    case 'BAD_ALIAS':
      return { code, offset: offset - 1 };
    case 'MISSING_CHAR':
      return { code: isUnindented(reason) && line.includes('\t') ? 'TAB_AS_INDENT' : code, offset };
    case 'MULTILINE_IMPLICIT_KEY':
      // The parser stops at the next colon; the key without a colon is on the line before.
      return { code, offset: lineBefore(text, lineStart).offset };
    case 'BAD_INDENT':
      return line.trim() === '' ? { code, offset: lineStart } : behindValue(text, offset, lineStart);
    default:
      return { code, offset };
  }
}

/** Returns the problem if the parser stopped after a value on the same line. */
function behindValue(text: string, offset: number, lineStart: number): Problem {
  const next = text.charAt(offset);
  if (/[@%`]/.test(next)) return { code: 'BAD_SCALAR_START', offset };
  if (next === '-' && /\s/.test(text.charAt(offset + 1))) return { code: 'BLOCK_AS_IMPLICIT_KEY', offset };
  if (next !== ':') return { code: 'UNEXPECTED_TOKEN', offset };
  const line = text.slice(lineStart, offset);
  const value = /:\s+/.exec(line);
  if (value === null) {
    // The line continues the previous value: either it is indented too much, or the previous line has no colon.
    const before = lineBefore(text, lineStart);
    if (before.line.includes(':')) return { code: 'BAD_INDENT', offset: lineStart };
    return { code: 'MULTILINE_IMPLICIT_KEY', offset: before.offset };
  }
  return { code: 'BLOCK_AS_IMPLICIT_KEY', offset: lineStart + value.index + value[0].length };
}

/** Returns the last non-empty line before an offset, and where its text starts. */
function lineBefore(text: string, offset: number): { line: string; offset: number } {
  const before = text.slice(0, offset).trimEnd();
  const start = before.lastIndexOf('\n') + 1;
  const line = before.slice(start);
  return { line, offset: start + line.search(/\S|$/) };
}

/** Whether js-yaml rejected a text because of its depth. */
export function isTooDeep(reason: string): boolean {
  return reason.startsWith('nesting exceeded');
}

/** Whether js-yaml requires more indentation for a line within brackets or quotes. */
export function isUnindented(reason: string): boolean {
  return reason.startsWith('deficient indentation');
}
