import assert from 'node:assert/strict';
import { after } from 'node:test';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { TestNetwork } from './network.ts';
import { PageRecord } from './page-record.ts';
import { programOnPath } from './programs.ts';

/** How to open a page, and what the visit may do besides. */
export interface VisitOptions extends BrowserContextOptions {
  /** All requests that the browser may make, as `METHOD URL`, the page's own included. By default none. */
  readonly requests?: readonly string[];
  /** All violations of the page's CSP that the test provokes. By default none. */
  readonly violations?: readonly string[];
  /** The files that the page loads. By default its own, once. */
  readonly files?: readonly string[];
  /** What the browser itself may write to the console. By default nothing. */
  readonly console?: RegExp;
  /** Runs before the page is opened. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** A page under test. */
export interface Visit {
  readonly page: Page;
  readonly record: PageRecord;
  readonly network: TestNetwork;
}

/** What Chromium writes to the console about a violation of the policy, among other errors. */
const VIOLATION = /^error: /;

/** What Chromium is started with besides Playwright's arguments. */
export const ARGUMENTS = [
  // Chromium asks for updates of its parts whatever Playwright sets. This address leads nowhere.
  '--component-updater=url-source=http://localhost:9/',
  // It also asks Google what the fields of a served page are for, by hashes of their names. docs/web.md tells so.
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
    const {
      requests = [],
      violations = [],
      console: written,
      prepare,
      files = url.startsWith('file:') ? [url] : [],
      ...contextOptions
    } = options;
    const before = this.network.requests.length;
    const browser = await (this.#browser ??= this.#launch());
    const context = await browser.newContext(contextOptions);
    const record = await PageRecord.of(context);
    try {
      const page = await context.newPage();
      await prepare?.(page);
      await page.goto(url);
      await test({ page, record, network: this.network });
    } finally {
      await context.close();
    }
    assert.deepEqual(
      {
        requests: this.network.requests.slice(before),
        local: record.local,
        violations: record.violations,
        errors: record.errors,
        console: record.console.filter((line) => !(violations.length > 0 ? VIOLATION : written)?.test(line)),
      },
      {
        requests,
        local: files,
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
      // So that going back shows the page as it was left, as it does for people.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      proxy: { server: this.network.proxy },
    });
  }
}
