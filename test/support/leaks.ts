/** Returns a secret text in each form in which a program is likely to print it. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((before) => {
    // The offset shifts the base64 of the whole text; its first and last characters depend on the neighbouring bytes.
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = text.slice(before === 0 ? 0 : before + 1, -1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const json = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, json, bytes.toString('hex'), encodeURIComponent(secret), ...base64])];
}

/** Searches texts for secrets. Returns the names of the texts that contain one, with the beginning of the match. */
export function leaks(texts: ReadonlyMap<string, string>, secrets: readonly string[]): string[] {
  const forms = secrets.flatMap(formsOf);
  return [...texts].flatMap(([where, text]) =>
    forms.filter((form) => text.includes(form)).map((form) => `${where}: ${form.slice(0, 12)}…`),
  );
}
