import type { DocumentDirective } from 'js-yaml';

/** The prefix of the tags that YAML itself defines. */
const PREFIX = 'tag:yaml.org,2002:';

/** The range of a tag in the text; -1 if there is none. */
interface TagRange {
  readonly tagStart: number;
  readonly tagEnd: number;
}

/** Resolves the tags of a document. */
export class Tags {
  readonly #source: string;
  /** What the handles of the document stand for. Directives can define others, and these as well. */
  readonly #handles = new Map([
    ['!', '!'],
    ['!!', PREFIX],
  ]);

  constructor(source: string, directives: readonly DocumentDirective[]) {
    this.#source = source;
    for (const directive of directives) {
      if (directive.kind === 'tag') this.#handles.set(directive.handle, directive.prefix);
    }
  }

  /**
   * Returns the type that a tag of YAML names, such as `int` for `!!int`; `!` for the tag `!`, which only says that a
   * scalar is a string; undefined if there is no tag; and an empty string for all other tags.
   */
  typeOf({ tagStart, tagEnd }: TagRange): string | undefined {
    if (tagStart < 0) return undefined;
    const tag = this.#source.slice(tagStart, tagEnd);
    if (tag === '!') return tag;
    const name = decoded(this.#expanded(tag));
    return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '';
  }

  #expanded(tag: string): string {
    if (tag.startsWith('!<')) return tag.slice(2, -1);
    const handle = tag.slice(0, Math.max(0, tag.indexOf('!', 1)) + 1);
    return (this.#handles.get(handle) ?? '') + tag.slice(handle.length);
  }
}

/** Decodes the escapes (`%21`) of a tag. */
function decoded(tag: string): string {
  try {
    return decodeURIComponent(tag);
  } catch {
    return '';
  }
}
