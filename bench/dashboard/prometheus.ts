import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { Reader } from '../../shared/api/reader.ts';
import { freePort, ServerProcess } from '../../test/control-plane/server-process.ts';
import { ask } from '../../test/support/ask.ts';

/** A replica to scrape: its address, and the labels that a pod would have. */
export interface ScrapeTarget {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A series of an answer: its labels, and points of time and value. */
export interface Answer {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [time: number, value: number])[];
}

/** The series that a query returned. */
export type Answers = readonly Answer[];

/** How often to scrape, and the distance of points in a picture, in s. */
const INTERVAL = 1;
const STEP = 2;
/** The range of rates, in s. */
const RATE = 15;

/** A Prometheus that scrapes replicas of the controller. */
export class Prometheus {
  readonly #process: ServerProcess;
  readonly #url: string;

  private constructor(process: ServerProcess, url: string) {
    this.#process = process;
    this.#url = url;
  }

  static async start(binary: string, folder: string, targets: readonly ScrapeTarget[]): Promise<Prometheus> {
    const port = await freePort();
    const config = join(folder, 'prometheus.yml');
    const groups = targets.map(({ address, labels }) => ({ targets: [address], labels }));
    const job = { job_name: 'sealed-secrets', honor_labels: true, static_configs: groups };
    const global = { scrape_interval: `${INTERVAL}s`, scrape_timeout: `${INTERVAL}s` };
    writeFileSync(config, dump({ global, scrape_configs: [job] }));
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const process = new ServerProcess('prometheus', binary, flags, join(folder, 'prometheus.log'), folder);
    const url = `http://127.0.0.1:${port}`;
    await process.ready(async () => (await ask('GET', `${url}/-/ready`)).status === 200, 60_000);
    return new Prometheus(process, url);
  }

  /** Returns the values of a query of the dashboard between two times, in s. */
  async ask(expr: string, start: number, end: number): Promise<Answers> {
    const query = expr
      .replaceAll('$__rate_interval', `${RATE}s`)
      .replaceAll(/\$(job|instance|namespace)\b/g, '.+');
    const parameters = new URLSearchParams({ query, start: `${start}`, end: `${end}`, step: `${STEP}` });
    const { status, body } = await ask('GET', `${this.#url}/api/v1/query_range?${parameters.toString()}`);
    if (status !== 200) throw new Error(`${query}: ${body}`);
    const answer = new Reader(JSON.parse(body), { source: query });
    return (answer.object('data')?.list('result') ?? []).map(({ value, place }) => {
      const series = new Reader(value, place);
      return {
        labels: labelsOf(series.object('metric')),
        points: series.list('values').map(pointOf),
      };
    });
  }

  async stop(): Promise<void> {
    await this.#process.stop('SIGTERM');
  }
}

function pointOf({ value }: { readonly value: unknown }): Answer['points'][number] {
  const pair: readonly unknown[] = Array.isArray(value) ? value : [];
  return [Number(pair[0]), Number(pair[1])];
}

function labelsOf(metric: Reader | undefined): Answer['labels'] {
  const names = metric === undefined ? [] : Object.keys(metric.raw);
  return Object.fromEntries(names.map((name) => [name, metric?.string(name) ?? '']));
}
