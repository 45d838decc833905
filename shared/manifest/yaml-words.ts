import type { ErrorCode } from 'yaml';
import { MAX_DEPTH } from '../api/depth.ts';

export const TOO_DEEP = `nesting deeper than ${MAX_DEPTH}`;

/**
 * Our words for the error codes of the YAML library, whose own messages quote the input. Each is followed by " at line …".
 */
export const YAML_WORDS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*…) has an anchor or tag of its own',
  BAD_ALIAS: 'an anchor (&) or alias (*) has no valid name: put text that begins with & or * in quotes,',
  BAD_COLLECTION_TYPE: 'a tag (!…) does not fit the value behind it',
  BAD_DIRECTIVE: 'a line begins with % and is not a known YAML directive',
  BAD_DQ_ESCAPE: 'a backslash in double quotes has no meaning: double it, or use single quotes,',
  BAD_INDENT: 'the indentation does not fit',
  BAD_PROP_ORDER: 'an anchor or tag stands before "-", "?" or ":" and belongs behind it',
  BAD_SCALAR_START: 'a value begins with a special character (such as @ or %): put it in quotes,',
  BLOCK_AS_IMPLICIT_KEY: 'there is a second ":" or a "-" in one line: put a value that holds it in quotes,',
  BLOCK_IN_FLOW: 'a list with "-" or a block of text begins inside brackets',
  DUPLICATE_KEY: 'a key is given twice',
  IMPOSSIBLE: 'the text cannot be read',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'a character is missing (a quote, bracket or comma)',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines (is a ":" or a quote missing?)',
  MULTIPLE_ANCHORS: 'a value has more than one anchor (&…)',
  MULTIPLE_DOCS: 'a second document begins',
  MULTIPLE_TAGS: 'a value has more than one tag (!…)',
  NON_STRING_KEY: 'a key is not a string: put it in quotes,',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'a tab is used as indentation',
  TAG_RESOLVE_FAILED: 'a tag (!…) is not supported',
  UNEXPECTED_TOKEN: 'there is text that does not belong here (is a quote, bracket or "-" wrong?)',
};
