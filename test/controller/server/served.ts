import type { Server } from 'node:http';
import { endpointsOf } from '../../../controller/server/endpoints.ts';
import { ARRIVING } from '../../../controller/server/body.ts';
import { ByteBudget } from '../../../controller/server/byte-budget.ts';
import { ConcurrencyLimit } from '../../../controller/server/concurrency-limit.ts';
import { HttpCpuBudget } from '../../../controller/server/cpu-budget.ts';
import { ParseLanes, type BodyParser } from '../../../controller/server/parse-lanes.ts';
import { ClientLimit } from '../../../controller/server/rate-limit.ts';
import { answer, type Observe } from '../../../controller/server/routes.ts';
import { boundAddress, closeServer, serve, type ServerOptions } from '../../../controller/server/server.ts';
import type { Fields } from '../../../controller/log/log.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Certificate } from '../../../shared/crypto/certificate.ts';
import type { PrivateKey } from '../../../shared/crypto/private-key.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import type { Decrypter } from '../../../shared/seal/open-items.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ask, post, type AskOptions, type Told } from '../../support/ask.ts';

export interface ServedOptions {
  readonly keys?: readonly PrivateKey[];
  readonly certificate?: Certificate;
  readonly decrypter?: Decrypter;
  readonly namespaces?: readonly string[];
  readonly acceptV1Data?: boolean;
  /** As many verifications and one more may be made, and twenty times as many re-encryptions, for time stands still; any number where it is not said. */
  readonly rateLimit?: number;
  readonly readTimeout?: number;
  readonly writeTimeout?: number;
  /** Parses posted bodies in place of the real parser. */
  readonly parse?: BodyParser['parse'];
  readonly onCut?: ServerOptions['onCut'];
  readonly observe?: Observe;
}

/** The endpoints as the controller has them, without a cluster. */
export class Served {
  readonly server: Server;
  /** What can be changed while it runs. */
  readonly state: { certificate: Certificate | undefined; startingUp: string | undefined; stopping: boolean };
  /** What was logged. */
  readonly told: readonly string[];
  readonly #close: () => Promise<void>;

  private constructor(
    server: Server,
    state: Served['state'],
    told: readonly string[],
    close: () => Promise<void>,
  ) {
    this.server = server;
    this.state = state;
    this.told = told;
    this.#close = close;
  }

  static async start(options: ServedOptions = {}): Promise<Served> {
    const state: Served['state'] = {
      certificate: options.certificate,
      startingUp: undefined,
      stopping: false,
    };
    const cpu = new HttpCpuBudget(systemClock);
    const lanes = new ParseLanes(systemClock, cpu);
    const { parse = lanes.parse.bind(lanes), onCut } = options;
    const decrypter = options.decrypter ?? new Keyring(options.keys ?? []);
    const told: string[] = [];
    const tell = (message: string, fields: Fields = {}): void =>
      void told.push(`${message} ${JSON.stringify(fields)}`);
    const { readTimeout = 0, writeTimeout = 0, rateLimit = 0, namespaces, observe } = options;
    const [stopped, rate] = [new FakeClock(), { perSecond: rateLimit, burst: rateLimit }];
    const endpoints = endpointsOf({
      certificate: () => state.certificate,
      startingUp: () => state.startingUp,
      stopping: () => state.stopping,
      acceptV1Data: options.acceptV1Data ?? true,
      decrypterFor: () => decrypter,
      limits: { verify: new ClientLimit(stopped, rate), rotate: ClientLimit.ofRotations(stopped, rate) },
      arriving: new ByteBudget(ARRIVING),
      concurrency: new ConcurrencyLimit(),
      parser: { parse, close: () => lanes.close() },
      clock: systemClock,
      serves: (namespace) => namespaces?.includes(namespace) ?? true,
      log: { info: tell, warn: tell, error: tell },
    });
    const server = await serve(
      { host: '127.0.0.1', port: 0 },
      (context) => answer(endpoints, context, systemClock, observe),
      { readTimeout, writeTimeout, ...(onCut ? { onCut } : {}) },
      systemClock,
    );
    return new Served(server, state, told, async () => {
      if (server.listening) await closeServer(server, systemClock);
      lanes.close();
    });
  }

  get url(): string {
    return `http://${boundAddress(this.server)}`;
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
