import type { BrowserContext, Page, Worker } from 'playwright-core';

/** The name under which pages report violations of their CSP to the test. */
const REPORT = '__reportViolation';

/** In a page, before its own scripts: reports each violation of the CSP. */
const REPORTING = `addEventListener('securitypolicyviolation', (event) => {
  ${REPORT}(event.effectiveDirective + ' ' + event.blockedURI);
});`;

/** In a worker: writes each violation to the console, which {@link PageRecord} reads. */
const REPORTING_IN_WORKER = `addEventListener('securitypolicyviolation', (event) => {
  console.info('violation: ' + event.effectiveDirective + ' ' + event.blockedURI);
});`;

/** What the pages and workers of a browser context did that nobody sees on the screen. */
export class PageRecord {
  /** Violations of the CSP, as `directive blocked-URI`. */
  readonly violations: string[] = [];
  /** Errors that no code of the page caught, and crashes. */
  readonly errors: string[] = [];
  /** Everything that was written to the console, as `type: text`. The browser writes each violation there too. */
  readonly console: string[] = [];
  /** The URLs that are not of the network and that the pages loaded, their own files included. */
  readonly local: string[] = [];

  /** Records what happens in the context from now on. */
  static async of(context: BrowserContext): Promise<PageRecord> {
    const record = new PageRecord();
    await context.exposeBinding(REPORT, (_, violation: string) => void record.violations.push(violation));
    await context.addInitScript(REPORTING);
    context.on('weberror', (error) => void record.errors.push(error.error().message));
    context.on('request', (request) => {
      if (!/^(https?|wss?|blob):/.test(request.url())) record.local.push(request.url());
    });
    context.on('page', (page) => record.#watch(page));
    return record;
  }

  #watch(page: Page): void {
    page.on('crash', () => void this.errors.push('the page crashed'));
    page.on('console', (message) => {
      if (message.worker() === null) this.console.push(`${message.type()}: ${message.text()}`);
    });
    page.on('worker', (worker) => this.#watchWorker(worker));
  }

  #watchWorker(worker: Worker): void {
    worker.on('console', (message) => {
      const [, violation] = /^violation: (.*)$/.exec(message.text()) ?? [];
      if (violation === undefined) this.console.push(`${message.type()}: ${message.text()}`);
      else this.violations.push(violation);
    });
    // A worker may have ended by now.
    worker.evaluate(REPORTING_IN_WORKER).catch(() => undefined);
  }
}
