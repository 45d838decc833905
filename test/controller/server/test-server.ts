import type { Server } from 'node:http';
import { endpointsOf } from '../../../controller/server/endpoints.ts';
import { ARRIVING_BODIES } from '../../../controller/server/body.ts';
import { ByteBudget } from '../../../controller/server/byte-budget.ts';
import { ConcurrencyLimit } from '../../../controller/server/concurrency-limit.ts';
import { HttpCpuBudget } from '../../../controller/server/cpu-budget.ts';
import { ParseLanes, type BodyParser } from '../../../controller/server/parse-lanes.ts';
import { ClientLimit } from '../../../controller/server/rate-limit.ts';
import { route, type RequestObserver } from '../../../controller/server/routes.ts';
import { boundAddress, closeServer, serve, type ServerOptions } from '../../../controller/server/server.ts';
import type { Fields } from '../../../controller/log/log.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Certificate } from '../../../shared/crypto/certificate.ts';
import { readTemplate } from '../../../shared/web-page/template.ts';
import type { PrivateKey } from '../../../shared/crypto/private-key.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import type { Decrypter } from '../../../shared/seal/open-items.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ask, post, type AskOptions, type Told } from '../../support/ask.ts';

/** Options of a test server. */
export interface TestServerOptions {
  readonly keys?: readonly PrivateKey[];
  readonly certificate?: Certificate;
  readonly decrypter?: Decrypter;
  readonly namespaces?: readonly string[];
  readonly acceptV1Data?: boolean;
  /** The rate and the burst of the rate limits, whose clock stands still; 0: no limit. */
  readonly rateLimit?: number;
  readonly readTimeout?: number;
  readonly writeTimeout?: number;
  /** Replaces the real parser of posted bodies. */
  readonly parse?: BodyParser['parse'];
  readonly onCut?: ServerOptions['onCut'];
  readonly observe?: RequestObserver;
  /** Whether to serve the page that seals in a browser. */
  readonly webUi?: boolean;
}

interface Parts extends Pick<TestServer, 'httpServer' | 'state' | 'logged'> {
  readonly close: () => Promise<void>;
}

/** The controller's HTTP server and endpoints, without a cluster. */
export class TestServer {
  readonly httpServer: Server;
  /** The state that tests may change while the server runs. */
  readonly state: { certificate: Certificate | undefined; startingUp: string | undefined; stopping: boolean };
  /** The log messages, each with its fields as JSON. */
  readonly logged: readonly string[];
  readonly #close: () => Promise<void>;

  private constructor({ httpServer, state, logged, close }: Parts) {
    this.httpServer = httpServer;
    this.state = state;
    this.logged = logged;
    this.#close = close;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const state: TestServer['state'] = {
      certificate: options.certificate,
      startingUp: undefined,
      stopping: false,
    };
    const cpu = new HttpCpuBudget(systemClock);
    const lanes = new ParseLanes(systemClock, cpu);
    const { parse = lanes.parse.bind(lanes), onCut } = options;
    const decrypter = options.decrypter ?? new Keyring(options.keys ?? []);
    const logged: string[] = [];
    const write = (message: string, fields: Fields = {}): void =>
      void logged.push(`${message} ${JSON.stringify(fields)}`);
    const { readTimeout = 0, writeTimeout = 0, rateLimit = 0, namespaces, observe } = options;
    const [stoppedClock, rate] = [new FakeClock(), { perSecond: rateLimit, burst: rateLimit }];
    const endpoints = endpointsOf({
      certificate: () => state.certificate,
      startingUp: () => state.startingUp,
      stopping: () => state.stopping,
      acceptV1Data: options.acceptV1Data ?? true,
      page: options.webUi
        ? { template: readTemplate(), limit: new ClientLimit(stoppedClock, rate) }
        : undefined,
      decrypterFor: () => decrypter,
      limits: {
        verify: new ClientLimit(stoppedClock, rate),
        rotate: ClientLimit.ofRotations(stoppedClock, rate),
      },
      arriving: new ByteBudget(ARRIVING_BODIES),
      concurrency: new ConcurrencyLimit(),
      parser: { parse, close: () => lanes.close() },
      clock: systemClock,
      serves: (namespace) => namespaces?.includes(namespace) ?? true,
      log: { info: write, warn: write, error: write },
    });
    const httpServer = await serve(
      { host: '127.0.0.1', port: 0 },
      (context) => route(endpoints, context, { clock: systemClock, observe }),
      { clock: systemClock, readTimeout, writeTimeout, ...(onCut ? { onCut } : {}) },
    );
    const close = async (): Promise<void> => {
      if (httpServer.listening) await closeServer(httpServer, systemClock);
      lanes.close();
    };
    return new TestServer({ httpServer, state, logged, close });
  }

  get url(): string {
    return `http://${boundAddress(this.httpServer)}`;
  }

  ask(method: string, path: string, options?: AskOptions): Promise<Told> {
    return ask(method, this.url + path, options);
  }

  post(path: string, object: object, options?: AskOptions): Promise<Told> {
    return post(this.url + path, object, options);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
