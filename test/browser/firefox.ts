import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { Bidi } from './bidi.ts';
import { TestNetwork } from './network.ts';
import { programOnPath } from './programs.ts';

/** Preferences that leave the network to the page, and send all of it to the proxy. */
const QUIET = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.newtabpage.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.search.update': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.blocklist.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.proxy.allow_hijacking_localhost': true,
  'network.proxy.type': 1,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.enabled': false,
} as const;

/** Debian's Firefox for the tests of one file, in a profile of its own. It ends after the tests. */
export class Firefox {
  readonly network = new TestNetwork();
  /** The lines of the page's console, among them its uncaught errors and violations of its policy. */
  readonly console: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'sealed-secrets-firefox-'));
  #process: ChildProcess | undefined;
  #bidi: Bidi | undefined;
  #tab = '';

  constructor() {
    after(async () => {
      this.#bidi?.close();
      await this.#kill();
      // Its processes may write for a moment longer.
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20 });
      await this.network.stop();
    });
  }

  /** Starts the browser, and opens a page in it. */
  async open(url: string): Promise<void> {
    await this.network.start();
    this.#bidi = await Bidi.connect(await this.#start(), (method, parameters) => {
      if (method === 'log.entryAdded') this.console.push(stringAt(parameters, 'text'));
    });
    await this.#bidi.send('session.subscribe', { events: ['log.entryAdded'] });
    const tree = await this.#bidi.send('browsingContext.getTree', {});
    this.#tab = stringAt(listAt(tree, 'contexts')[0], 'context');
    await this.#bidi.send('browsingContext.navigate', { context: this.#tab, url, wait: 'complete' });
  }

  /** Runs an expression in the page. Returns its result, awaited, which must be a text. */
  async evaluate(expression: string): Promise<string> {
    const answer = await this.#bidi?.send('script.evaluate', {
      expression,
      target: { context: this.#tab },
      awaitPromise: true,
      userActivation: true,
    });
    if (at(answer, 'type') === 'exception') throw new Error(stringAt(answer, 'exceptionDetails', 'text'));
    return stringAt(answer, 'result', 'value');
  }

  /** Starts the program. Returns the address at which it takes commands. */
  async #start(): Promise<string> {
    const { port } = new URL(this.network.proxy);
    const profile = join(this.#folder, 'profile');
    const proxied = ['http', 'ssl'].map((kind) => ({
      [`network.proxy.${kind}`]: '127.0.0.1',
      [`network.proxy.${kind}_port`]: Number(port),
    }));
    const preferences = Object.entries(Object.assign({}, QUIET, ...proxied) as object);
    mkdirSync(profile);
    writeFileSync(
      join(profile, 'user.js'),
      preferences
        .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
        .join(''),
    );
    const child = spawn(
      programOnPath('firefox-esr'),
      ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, HOME: this.#folder, MOZ_REMOTE_SETTINGS_DEVTOOLS: '1' },
      },
    );
    this.#process = child;
    const forget = atEnd(() => child.kill('SIGKILL'));
    child.once('exit', forget);
    for await (const line of createInterface(child.stderr)) {
      const [, url] = /WebDriver BiDi listening on (\S+)/.exec(line) ?? [];
      if (url === undefined) continue;
      child.stderr.resume();
      return url;
    }
    throw new Error('Firefox ended before it took commands');
  }

  async #kill(): Promise<void> {
    const child = this.#process;
    if (child?.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
}
