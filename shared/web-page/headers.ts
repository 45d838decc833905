/** What a page cannot say in its own policy. */
const NOT_FRAMED = "frame-ancestors 'none'";

/**
 * Returns the headers that a page is served with. The policy is that of the page itself, and no other site may frame it.
 * Other pages cannot keep a handle of its window, and the page may use no device.
 */
export function pageHeaders(page: string): Record<string, string> {
  return {
    'content-security-policy': `${policyOf(page)}; ${NOT_FRAMED}`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': PERMISSIONS,
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
  };
}

/** The page copies to the clipboard and uses nothing else. */
const PERMISSIONS = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

/** Returns the policy that the page itself has. */
function policyOf(page: string): string {
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page)?.[1];
  if (policy === undefined) throw new Error('the page has no policy');
  return policy;
}
