import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { PACKAGE } from './package.ts';

/** js-yaml is one module, of which only the half that reads is used. */
const JS_YAML = join(PACKAGE, 'node_modules', 'js-yaml', 'dist', 'js-yaml.mjs');

/** What the bundler can judge without help. */
const PLAIN = new Set(['Literal', 'Identifier', 'UnaryExpression', 'ClassExpression']);

/**
 * Lets the bundler drop the variables of js-yaml that nothing uses. A variable whose value comes from a call, a template
 * or another object's field has to stay, as far as the bundler knows, together with all that it refers to: to compute
 * the value might change something elsewhere. In js-yaml it never does, so each of these values is marked as free of side
 * effects.
 */
export const withoutUnused: Plugin = {
  name: 'without-unused',
  transform: {
    filter: { id: JS_YAML },
    handler(code) {
      let marked = '';
      let at = 0;
      for (const statement of this.parse(code).body) {
        if (statement.type !== 'VariableDeclaration') continue;
        for (const { init } of statement.declarations) {
          if (init === null || PLAIN.has(init.type)) continue;
          // The mark is for calls alone, and for what is inside of the function that is called.
          marked += `${code.slice(at, init.start)}/* @__PURE__ */ (() => (${code.slice(init.start, init.end)}))()`;
          at = init.end;
        }
      }
      return marked + code.slice(at);
    },
  },
};
