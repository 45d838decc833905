/** The name of the only policy that the page's Content-Security-Policy allows. */
const POLICY = 'sealing-worker';

/** The part of Trusted Types that the page uses, which TypeScript's library of the DOM does not declare. */
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy;
}

interface ScriptUrlPolicy {
  /** Returns a `TrustedScriptURL`, which `Worker` takes in place of a string. */
  createScriptURL(url: string): string;
}

declare global {
  // Only `var` declares a property of `globalThis`. Older browsers do not have it.
  var trustedTypes: PolicyFactory | undefined;
}

/**
 * Returns the address of a script for `Worker`, as the browser requires it under `require-trusted-types-for`. The policy
 * can be made once, and it lets this one address through.
 */
export function trustedScriptUrl(url: string): string {
  if (globalThis.trustedTypes === undefined) return url;
  const policy = globalThis.trustedTypes.createPolicy(POLICY, {
    createScriptURL(asked) {
      if (asked !== url) throw new TypeError('not the script of the worker');
      return asked;
    },
  });
  return policy.createScriptURL(url);
}
