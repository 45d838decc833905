import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { TestNetwork } from './network.ts';
import { PageRecord } from './page-record.ts';

/** How to open a page, and what the visit may do besides. */
export interface VisitOptions extends BrowserContextOptions {
  /** All requests that the browser may make, as `METHOD URL`, the page's own included. By default none. */
  readonly requests?: readonly string[];
  /** All violations of the page's CSP that the test provokes. By default none. */
  readonly violations?: readonly string[];
}

/** A page under test. */
export interface Visit {
  readonly page: Page;
  readonly record: PageRecord;
  readonly network: TestNetwork;
}

const ARGUMENTS = [
  // Chromium asks for updates of its parts whatever Playwright sets. This address leads nowhere.
  '--component-updater=url-source=http://localhost:9/',
  // It also asks Google what the fields of a served page are for, by hashes of their names.
  '--autofill-server-url=http://localhost:9/',
  // Its sandbox refuses to run as root, as in a container.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Debian's Chromium for the tests of one file. It starts with the first visit, and ends after the tests. */
export class TestBrowser {
  readonly network = new TestNetwork();
  #browser: Promise<Browser> | undefined;

  constructor() {
    after(async () => {
      await (await this.#browser)?.close();
      await this.network.stop();
    });
  }

  /**
   * Opens a page in a profile of its own, and closes it after the test. Fails if the page did anything that is not
   * expected: a request, a violation of its CSP, an uncaught error, or a line in the console.
   */
  async visit(url: string, options: VisitOptions, test: (visit: Visit) => Promise<void>): Promise<void> {
    const { requests = [], violations = [], ...contextOptions } = options;
    const before = this.network.requests.length;
    const browser = await (this.#browser ??= this.#launch());
    const context = await browser.newContext(contextOptions);
    const record = await PageRecord.of(context);
    try {
      const page = await context.newPage();
      await page.goto(url);
      await test({ page, record, network: this.network });
    } finally {
      await context.close();
    }
    // Chromium writes each violation to the console as an error.
    const quiet = violations.length === 0;
    assert.deepEqual(
      {
        requests: this.network.requests.slice(before),
        local: record.local,
        violations: record.violations,
        errors: record.errors,
        console: record.console.filter((line) => quiet || !line.startsWith('error: ')),
      },
      {
        requests,
        local: url.startsWith('file:') ? [url] : [],
        violations,
        errors: [],
        console: [],
      },
    );
  }

  async #launch(): Promise<Browser> {
    await this.network.start();
    return chromium.launch({
      executablePath: programOnPath('chromium'),
      args: ARGUMENTS,
      proxy: { server: this.network.proxy },
    });
  }
}

/** Returns the path of a program. Throws if it is not installed. */
export function programOnPath(name: string): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next folder may have it.
    }
  }
  throw new Error(
    `${name} is not on PATH: install the package ${name} of Debian, or what your system calls it`,
  );
}
