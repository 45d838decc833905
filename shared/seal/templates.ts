import type { Template } from '../api/sealed-secret.ts';
import type { ItemProblem } from '../errors.ts';
import {
  bytesOf,
  DEFAULT_LIMITS,
  fromBuffer,
  textOf,
  toBuffer,
  type Environment,
} from '../template/index.ts';
import { SYSTEM } from '../template/environment.ts';
import { Renderer as TemplateRenderer } from '../template/render.ts';
import { SPRIG } from '../template/sprig/index.ts';
import { MAX_MISSING, type MissingItem, type MissingItems } from './missing.ts';
import { dataSize, MAX_SECRET_SIZE } from './secret-size.ts';
import { withoutLeftOut, type Rendered, type Renderer } from './unseal.ts';

/**
 * How much of a failure is told. A whole error may quote decrypted text, which is for the owner of the private keys
 * alone.
 */
export type Telling = 'whole' | 'withheld';

/** In UTC, as in a container: offline, the same object gives the same Secret. */
const ENVIRONMENT: Environment = { ...SYSTEM, localZone: 'UTC' };

const renderer = new TemplateRenderer(SPRIG, DEFAULT_LIMITS, ENVIRONMENT);

/**
 * Renders `spec.template.data`. A template sees the decrypted items and, where no item has its name, the text of
 * every template, unrendered. All of them must parse and run, those too that an item of the same name will shadow. The
 * outputs may be as large as what the decrypted items leave of a Secret; an item that is left out of it takes no space.
 * With `strict`, a template fails that reads an item that does not exist. `starts` hears of each item that begins.
 */
export function renderTemplates(
  templates: Template['data'],
  items: ReadonlyMap<string, Buffer>,
  telling: Telling,
  { strict = false, starts }: { strict?: boolean; starts?: (item: string) => void } = {},
): Rendered {
  const texts = textsIn(templates);
  const data = new Map<string, string>();
  for (const [name, text] of texts) data.set(bytesOf(name), bytesOf(text));
  for (const [name, value] of items) data.set(bytesOf(name), fromBuffer(value));

  const output = Math.max(MAX_SECRET_SIZE - dataSize(withoutLeftOut(items, templates)), 0);
  const rendered = renderer.render(texts, data, { output, strict, ...(starts ? { onItem: starts } : {}) });
  if ('problems' in rendered) {
    const { problems, skipped } = rendered;
    const failed = problems.map(({ item, error }): ItemProblem => {
      if (telling === 'withheld' && error.place.running !== undefined) return failedWhileRunning(item);
      return { code: 'Template', item, told: error.whole() };
    });
    const more: ItemProblem = { code: 'TemplatesSkipped', item: '', failed: failed.length, skipped };
    return { problems: skipped === 0 ? failed : [...failed, more] };
  }
  const values = new Map([...rendered.values].map(([item, value]) => [item, toBuffer(value)]));
  return { values, impure: rendered.impure, missing: missingOf(rendered.missing) };
}

/**
 * What is told of every template that fails while it runs, in the same words whatever the cause: its own error, a
 * limit, or the end of its process. Which cause it is depends on the decrypted values, and so would let the author of a
 * template read them.
 */
export function failedWhileRunning(item: string): ItemProblem {
  return { code: 'Template', item, told: `template: ${item}: ${FAILED_WHILE_RUNNING}` };
}

const FAILED_WHILE_RUNNING =
  'failed while running, or went over a limit (1 MiB for the whole Secret, time, memory); details could reveal ' +
  'values: `kubeseal --recovery-unseal` shows them to the owner of the private key';

/** The items whose template cannot be parsed, the first few of them. Depends on the texts alone: nothing runs. */
export function unparsable(templates: Template['data']): string[] {
  return parseProblems(templates).map(({ item }) => item);
}

/** The first few templates that cannot be parsed, each with Go's words for why. Nothing runs. */
export function parseProblems(templates: Template['data']): ItemProblem[] {
  return renderer
    .unparsable(textsIn(templates))
    .map(({ item, error }) => ({ code: 'Template', item, told: error.whole() }));
}

/**
 * Returns what templates read and no item is there for, given the names of the items. Runs no template. None where a
 * template cannot be parsed.
 */
export function missingItems(templates: Template['data'], items: Iterable<string>): MissingItems {
  const texts = textsIn(templates);
  const names = new Map([...texts.keys(), ...items].map((name) => [bytesOf(name), true]));
  return missingOf(renderer.missing(texts, names));
}

function missingOf(references: ReadonlyMap<string, readonly { readonly name: string }[]>): MissingItems {
  const first: MissingItem[] = [];
  let count = 0;
  for (const [template, missing] of [...references].sort(([a], [b]) => (a < b ? -1 : 1))) {
    count += missing.length;
    for (const { name } of missing.slice(0, MAX_MISSING - first.length)) {
      first.push({ template, name: textOf(name) });
    }
  }
  return { first, count };
}

/** Returns the templates that have a text. */
function textsIn(templates: Template['data']): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [item, text] of templates) if (text !== null) texts.set(item, text);
  return texts;
}

/**
 * Renders on this thread, for a command whose user has the keys to all that the templates see. They have the same
 * limits as in the controller, and every native call is bounded by the size of what it is given (see
 * shared/template/README.md). Ctrl-C ends the process at any moment, in native code too: while it renders, kubeseal
 * has no handler for SIGINT.
 */
export function renderHere(telling: Telling): Renderer {
  return {
    render: (templates, items) => Promise.resolve(renderTemplates(templates, items, telling)),
  };
}
