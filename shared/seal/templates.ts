import {
  bytesOf,
  DEFAULT_LIMITS,
  fromBuffer,
  parse,
  TemplateError,
  toBuffer,
  type Environment,
} from '../template/index.ts';
import { SYSTEM } from '../template/environment.ts';
import { Renderer as TemplateRenderer } from '../template/render.ts';
import { SPRIG } from '../template/sprig/index.ts';
import type { Rendered, Renderer } from './unseal.ts';

/** How much of an error is told: it may quote decrypted text, which is for the owner of the private keys alone. */
export type Telling = 'whole' | 'withheld';

/** In UTC, as in a container: offline the same object shall give the same Secret. */
const ENVIRONMENT: Environment = { ...SYSTEM, localZone: 'UTC' };

const renderer = new TemplateRenderer(SPRIG, DEFAULT_LIMITS, ENVIRONMENT);

/**
 * Renders `spec.template.data`. A template sees the decrypted items and, where no item has its name, the text of
 * every template, unrendered. All of them must parse and run, those too that an item of the same name will shadow.
 * `starts` hears of each one that begins.
 */
export function renderTemplates(
  templates: ReadonlyMap<string, string>,
  items: ReadonlyMap<string, Buffer>,
  telling: Telling,
  starts?: (item: string) => void,
): Rendered {
  const data = new Map<string, string>();
  for (const [name, text] of templates) data.set(bytesOf(name), bytesOf(text));
  for (const [name, value] of items) data.set(bytesOf(name), fromBuffer(value));

  const rendered = renderer.render(templates, data, starts);
  if ('problems' in rendered) {
    const told = rendered.problems.map(({ item, error }) => ({
      code: 'Template' as const,
      item,
      told: telling === 'whole' ? error.whole() : error.withheld(),
      ...(error.limited ? { budget: 'engine' as const } : {}),
    }));
    return { problems: told };
  }
  const values = new Map([...rendered.values].map(([item, value]) => [item, toBuffer(value)]));
  return { values, impure: rendered.impure };
}

/** The items whose template is none: told from its text alone, for nothing runs. */
export function unparsable(templates: ReadonlyMap<string, string>): string[] {
  return [...templates].filter(([item, text]) => !parses(item, text)).map(([item]) => item);
}

function parses(item: string, text: string): boolean {
  try {
    parse(item, text, SPRIG);
    return true;
  } catch (error) {
    if (error instanceof TemplateError) return false;
    throw error;
  }
}

/** Renders on this thread, for a command whose user wrote the templates, or has the keys to all that they see. */
export function renderHere(telling: Telling): Renderer {
  return {
    render: (templates, items) => Promise.resolve(renderTemplates(templates, items, telling)),
  };
}
