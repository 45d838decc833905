import { TemplateError } from '../../../shared/template/error.ts';
import { nearest } from '../../../shared/input/nearest.ts';
import type { ObjectRule } from '../object.ts';
import { MASK } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { sealedOf } from '../sealed-of.ts';
import { shownName } from '../shown-name.ts';
import { syntaxWords } from '../template-syntax.ts';

/**
 * S011: templates that the controller cannot parse, and items that they read and that do not exist. Shows no text of a
 * template, since a person may have written a password there.
 */
export const template: ObjectRule = async (object) => {
  const sealed = sealedOf(object);
  if (sealed === undefined) return [];
  const texts = new Map([...sealed.template.data].filter(([, text]) => text !== null && !isForeign(text)));
  if (texts.size === 0) return [];
  // Most SealedSecrets have no templates, and then need no parser of templates.
  const { parsedTemplates } = await import('../../../shared/seal/template-uses.ts');
  const existing = new Set([...sealed.encryptedData.keys(), ...sealed.template.data.keys()]);
  // Names are compared with few others, since a comparison takes time.
  const similar = [...existing].slice(0, MAX_COMPARED);
  return [...parsedTemplates(texts)].flatMap(([item, use], index) => {
    if (use instanceof TemplateError) return [unparsable(item, use, index < MAX_COMPARED)];
    // The deprecated spec.data has items that nobody knows.
    if (sealed.v1Data !== undefined) return [];
    return use.required
      .filter((name) => !existing.has(name))
      .map((name, number) => missing({ item, name, similar: index + number < MAX_COMPARED ? similar : [] }));
  });
};

/** How many names of items are compared with how many others. */
const MAX_COMPARED = 20;

function unparsable(item: string, { place, detail }: TemplateError, isCompared: boolean): Problem {
  return {
    rule: 'S011',
    at: atTemplate(item),
    message: `the template of the item ${shownName(item)} does not parse: ${syntaxWords(detail, isCompared)} (line ${place.line} of the template)`,
    advice: 'correct the template; text with braces that is not a template is written as {{ "{{" }}',
  };
}

interface Missing {
  /** The item that the template makes. */
  readonly item: string;
  readonly name: string;
  readonly similar: readonly string[];
}

function missing({ item, name, similar }: Missing): Problem {
  const meant = nearest(name, similar);
  return {
    rule: 'S011',
    needsAll: true,
    severity: 'warning',
    at: atTemplate(item),
    message: `the template of the item ${shownName(item)} uses the item ${shownName(name)}, which does not exist`,
    advice:
      meant === undefined ? 'seal the item as well, with kubeseal set' : `did you mean ${shownName(meant)}?`,
  };
}

function atTemplate(item: string): readonly string[] {
  return ['spec', 'template', 'data', item];
}

/** What only the templates of Helm have, in which those of the SealedSecret stand in quotes. */
const OF_HELM = /\.(?:Values|Release|Chart|Capabilities|Files)\b|\{\{-? *(?:include|tpl|lookup) /;

/** Whether a text is for another program first, and becomes a template of the SealedSecret later. */
function isForeign(text: string): boolean {
  return text.includes(MASK) || OF_HELM.test(text);
}
