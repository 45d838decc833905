import type { Template } from '../api/sealed-secret.ts';
import type { ItemProblem } from './item-problem.ts';
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
 * How much of a template's runtime error to report. A full error may quote decrypted values, which only the owner of
 * the private keys may see.
 */
export type ErrorDetail = 'full' | 'withheld';

/** How to render templates. */
export interface RenderOptions {
  readonly errorDetail: ErrorDetail;
  /** Whether a template that refers to a missing item fails. Defaults to false. */
  readonly strict?: boolean;
  /** Called with each item before its template runs. */
  readonly onStart?: (item: string) => void;
}

/** UTC, as in a container, so that the same object renders the same Secret offline. */
const ENVIRONMENT: Environment = { ...SYSTEM, localZone: 'UTC' };

const renderer = new TemplateRenderer(SPRIG, DEFAULT_LIMITS, ENVIRONMENT);

/**
 * Renders `spec.template.data`. A template sees the decrypted items, and the unrendered text of every template whose
 * name no item has. All templates must parse and run, including those that an item of the same name shadows. The
 * outputs may fill the space that the decrypted items leave in a Secret; an item that the template leaves out takes no
 * space.
 *
 * @example
 * const templates = new Map([['url', 'https://{{ .user }}@example.com']]);
 * const items = new Map([['user', Buffer.from('ada')]]);
 * renderTemplates(templates, items, { errorDetail: 'withheld' });
 * // { values: Map { 'url' => <Buffer of 'https://ada@example.com'> }, impure: Set {}, missing: … }
 */
export function renderTemplates(
  templates: Template['data'],
  items: ReadonlyMap<string, Uint8Array>,
  { errorDetail, strict = false, onStart }: RenderOptions,
): Rendered {
  const texts = textsIn(templates);
  const data = new Map<string, string>();
  for (const [name, text] of texts) data.set(bytesOf(name), bytesOf(text));
  for (const [name, value] of items) data.set(bytesOf(name), fromBuffer(value));

  const output = Math.max(MAX_SECRET_SIZE - dataSize(withoutLeftOut(items, templates)), 0);
  const rendered = renderer.render(texts, data, { output, strict, ...(onStart ? { onItem: onStart } : {}) });
  if ('problems' in rendered) {
    const { problems, skipped } = rendered;
    const failed = problems.map(({ item, error }): ItemProblem => {
      if (errorDetail === 'withheld' && error.place.running !== undefined) return failedWhileRunning(item);
      return { code: 'Template', item, message: error.whole() };
    });
    const more: ItemProblem = { code: 'TemplatesSkipped', item: '', failed: failed.length, skipped };
    return { problems: skipped === 0 ? failed : [...failed, more] };
  }
  const values = new Map([...rendered.values].map(([item, value]) => [item, toBuffer(value)]));
  return { values, impure: rendered.impure, missing: missingOf(rendered.missing) };
}

/**
 * Returns the problem of a template that failed while it ran. The text is the same for every cause (an error, a limit,
 * the end of its process): the cause depends on the decrypted values and would let a template's author read them.
 */
export function failedWhileRunning(item: string): ItemProblem {
  return { code: 'Template', item, message: `template: ${item}: ${FAILED_WHILE_RUNNING}` };
}

const FAILED_WHILE_RUNNING =
  'failed while running, or went over a limit (1 MiB for the whole Secret, time, memory); details could reveal ' +
  'values: `kubeseal --recovery-unseal` shows them to the owner of the private key';

/** Returns the first few items whose template cannot be parsed. Runs no template. */
export function unparsable(templates: Template['data']): string[] {
  return parseProblems(templates).map(({ item }) => item);
}

/** Returns the problems of the first few templates that cannot be parsed, with Go's error texts. Runs no template. */
export function parseProblems(templates: Template['data']): ItemProblem[] {
  return renderer
    .unparsable(textsIn(templates))
    .map(({ item, error }) => ({ code: 'Template', item, message: error.whole() }));
}

/**
 * Returns the references of templates to items that do not exist; none if a template cannot be parsed. Runs no
 * template.
 *
 * @param items the names of the items
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

/** Returns the templates that are not null. */
function textsIn(templates: Template['data']): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [item, text] of templates) if (text !== null) texts.set(item, text);
  return texts;
}

/**
 * Returns a renderer that runs on this thread, for a user who has the keys to everything that the templates see. The
 * limits are the controller's, and every native call is bounded by the size of its input (see
 * shared/template/README.md). Ctrl-C ends the process at any time, even in native code: kubeseal has no SIGINT handler
 * while it renders.
 */
export function inProcessRenderer(errorDetail: ErrorDetail): Renderer {
  return {
    render: (templates, items) => Promise.resolve(renderTemplates(templates, items, { errorDetail })),
  };
}
