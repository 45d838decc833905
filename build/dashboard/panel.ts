/** One panel of the dashboard. */
export interface Panel {
  readonly title: string;
  /** What it shows and when to worry, as one or two sentences. */
  readonly description: string;
  readonly kind: 'stat' | 'timeseries' | 'table';
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** The width, of 24. */
  readonly width: number;
  readonly targets: readonly Target[];
  /** Whether to draw series on top of each other. */
  readonly isStacked?: boolean;
  /** Colors of a number from these values on. */
  readonly thresholds?: readonly Threshold[];
  /** Texts to show for numbers. */
  readonly texts?: Readonly<Record<string, string>>;
  /** What to show if the queries have no result. */
  readonly noValue?: string;
  /** Colors of series, by their names. */
  readonly colors?: Readonly<Record<string, Color>>;
  /** Columns of a table: the name in the result, the title, and the unit if it is not that of the panel. */
  readonly columns?: readonly Column[];
}

/** A query, and the name of its series. */
export interface Target {
  readonly expr: string;
  readonly legend: string;
}

/** A color of Grafana's palette. */
export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue';

/** A color from a value on; undefined: from the lowest one. */
export type Threshold = readonly [from: number | undefined, color: Color];

/** A column of a table. */
export interface Column {
  readonly field: string;
  readonly title: string;
  readonly unit?: string;
  /** Texts to show for numbers. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** A titled row of panels. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const PREFIX = 'sealed_secrets_controller_';
const CHOSEN = 'job=~"$job", instance=~"$instance"';

/** Returns the selector of a metric of the controller, for the chosen jobs and instances. */
export function metric(name: string, matchers = ''): string {
  return `${PREFIX}${name}{${[CHOSEN, matchers].filter((part) => part !== '').join(', ')}}`;
}

/** Returns the selector of a metric whose label `namespace` is that of SealedSecrets, for the chosen namespaces. */
export function inNamespaces(name: string, matchers = ''): string {
  return metric(name, ['namespace=~"$namespace"', matchers].filter((part) => part !== '').join(', '));
}

/** Returns the selector of a metric of the process. */
export function ofProcess(name: string): string {
  return `${name}{${CHOSEN}}`;
}

/** Returns the rate of a counter per second, by some labels. */
export function rate(selector: string, by = ''): string {
  return `sum${by === '' ? '' : ` by (${by})`} (rate(${selector}[$__rate_interval]))`;
}

/** Returns a panel of three quantiles of a histogram. */
export function quantiles(histogram: string): readonly Target[] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, ${rate(metric(`${histogram}_bucket`), 'le')})`,
    legend: `${quantile * 100} %`,
  }));
}

/** Returns the counts of SealedSecrets. Only the leader reports them; while it changes, two replicas may. */
export function counts(matchers = ''): string {
  return `max by (namespace, status, reason) (${inNamespaces('sealed_secrets', matchers)})`;
}
