import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import type { Scope } from '../../shared/seal/scope.ts';

/** A file for the page. */
export interface PageFile {
  readonly name: string;
  readonly content: string | Buffer;
}

/** The ways to enter what to seal, by the names that the page gives them. */
export type Way = 'Paste or drop' | 'Fill in' | 'Registry login' | 'TLS pair';

/** The forms of the result, by the names that the page gives them. */
export type Format = 'YAML' | 'JSON' | 'Raw value of one item';

const SCOPE_NAMES: Readonly<Record<Scope, RegExp>> = {
  strict: /^Strict/,
  'namespace-wide': /^Namespace-wide/,
  'cluster-wide': /^Cluster-wide/,
};

/** The page that seals, as people find their way in it: by roles and names. */
export class SealingPage {
  readonly page: Page;
  /** The text area for what is pasted. */
  readonly pasted: Locator;
  /** What the page makes of what was pasted. */
  readonly source: Locator;
  readonly certificates: Locator;
  readonly place: Locator;
  readonly reviewing: Locator;
  readonly result: Locator;
  readonly name: Locator;
  readonly namespaces: Locator;
  /** The list of what is wrong. */
  readonly problems: Locator;
  readonly warnings: Locator;
  /** What a screen reader says by itself. */
  readonly status: Locator;

  constructor(page: Page) {
    this.page = page;
    this.certificates = page.getByRole('region', { name: 'Certificate' });
    this.source = page.getByRole('region', { name: 'What to seal' });
    this.place = page.getByRole('region', { name: 'Where it may be used' });
    this.reviewing = page.getByRole('region', { name: 'Review' });
    this.result = page.getByRole('region', { name: 'Result' });
    this.pasted = this.source.getByLabel('Secret, SealedSecret or file', { exact: true });
    this.name = this.source.getByLabel('Name of the Secret');
    this.namespaces = this.place.getByLabel('Namespaces');
    this.problems = page.getByRole('group', { name: 'Not ready to seal' });
    this.warnings = page.getByRole('group', { name: 'Warnings' });
    this.status = page.getByRole('status');
  }

  /** The checkbox of a certificate. */
  certificate(name: string): Locator {
    return this.certificates.getByRole('checkbox', { name });
  }

  async loadCertificates(...files: readonly PageFile[]): Promise<void> {
    await this.certificates.getByLabel('Load a certificate').setInputFiles(files.map(upload));
  }

  async chooseWay(way: Way): Promise<void> {
    await this.source.getByRole('radio', { name: way }).check();
  }

  /** Enters a text into the first text area, and leaves it, so that the page looks at it. */
  async paste(text: string): Promise<void> {
    await this.pasted.fill(text);
    await this.pasted.blur();
  }

  /** Chooses a file where one can paste. */
  async chooseFile(file: PageFile): Promise<void> {
    await this.source.getByLabel('Load a file: Secret, SealedSecret or file').setInputFiles(upload(file));
  }

  /** Drops files on the page. */
  drop(...files: readonly PageFile[]): Promise<void> {
    return this.dropOn(this.pasted, ...files);
  }

  /** Drops files on a control. */
  async dropOn(control: Locator, ...files: readonly PageFile[]): Promise<void> {
    const contents = files.map(({ name, content }) => ({
      name,
      base64: Buffer.from(content).toString('base64'),
    }));
    const transfer = await this.page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of ${JSON.stringify(contents)}) {
        transfer.items.add(new File([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], name));
      }
      return transfer;
    })()`);
    await control.dispatchEvent('drop', { dataTransfer: transfer });
  }

  /** The group of one item in a form, counted from 1. */
  item(number: number): Locator {
    return this.source.getByRole('group', { name: `Item ${number}`, exact: true });
  }

  /** Fills in an item of a form. Adds a row if there is none. */
  async fillItem(number: number, name: string, value: string | PageFile): Promise<void> {
    const item = this.item(number);
    if ((await item.count()) === 0) await this.source.getByRole('button', { name: 'Add an item' }).click();
    await item.getByLabel('Item', { exact: true }).fill(name);
    if (typeof value === 'string') await item.getByLabel('Value', { exact: true }).fill(value);
    else await item.getByLabel('Load a file: Value').setInputFiles(upload(value));
  }

  /** Chooses what happens to an item of a SealedSecret. */
  async change(item: string, change: 'Keep' | 'Replace' | 'Remove'): Promise<void> {
    await this.source.getByRole('combobox', { name: item, exact: true }).selectOption(change);
  }

  /** The new value of an item of a SealedSecret. */
  newValue(item: string): Locator {
    return this.source
      .getByRole('group', { name: item, exact: true })
      .getByLabel('New value', { exact: true });
  }

  async chooseScope(scope: Scope): Promise<void> {
    await this.place.getByRole('radio', { name: SCOPE_NAMES[scope] }).check();
  }

  async chooseFormat(format: Format): Promise<void> {
    await this.page.getByRole('radio', { name: format }).check();
  }

  /** Asks what would be sealed, and waits for the answer. */
  async review(): Promise<void> {
    await this.page.getByRole('button', { name: 'Review', exact: true }).click();
    await this.page.getByRole('heading', { name: /^(This will be sealed|Not ready to seal)$/ }).waitFor();
  }

  /** Reviews and seals. Returns the results. */
  async seal(): Promise<string[]> {
    await this.review();
    await this.page.getByRole('button', { name: 'Seal', exact: true }).click();
    await this.result.waitFor();
    return this.results();
  }

  /** Downloads the first result. */
  async download(): Promise<{ name: string; text: string }> {
    const started = this.page.waitForEvent('download');
    await this.result
      .getByRole('link', { name: /^Download/ })
      .first()
      .click();
    const download = await started;
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  }

  /** The texts of the results. */
  async results(): Promise<string[]> {
    const areas = await this.result.getByRole('textbox').all();
    return Promise.all(areas.map((area) => area.inputValue()));
  }
}

/** What a screen reader says about a control besides its name. */
export async function descriptionOf(control: Locator): Promise<string> {
  const ids = ((await control.getAttribute('aria-describedby')) ?? '').split(' ').filter((id) => id !== '');
  const texts = ids.map((id) => control.page().locator(`id=${id}`).textContent());
  return (await Promise.all(texts)).join(' ');
}

function upload({ name, content }: PageFile): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) };
}
