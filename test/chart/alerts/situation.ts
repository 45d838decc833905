/** What Prometheus scraped, and what an alert makes of it. A test begins at the Unix time 0. */
export interface Situation {
  /** What is the case. */
  readonly title: string;
  readonly series: readonly Series[];
  /** When to look, such as `20m`. */
  readonly at: string;
  /** The labels of the alerts that fire then, without its name and severity. Empty: it has not fired until then. */
  readonly alerts: readonly Labels[];
}

/** Labels, by their names. */
export type Labels = Readonly<Record<string, string>>;

/** A series with one value a minute, in promtool's notation: `1+0x9` is ten times 1, `_` is none. */
export interface Series {
  readonly series: string;
  readonly values: string;
}

/** The situations of one alert. */
export interface AlertCases {
  readonly alert: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly situations: readonly Situation[];
}

/** The labels that a scrape adds. */
export const TARGET: Labels = { namespace: 'kube-system', job: 'sealed-secrets-metrics' };

/** Returns a series of the controller. Its labels override those of the target, as with `honor_labels`. */
export function series(name: string, values: string, labels: Labels = {}, pod = 'a'): Series {
  return {
    series: text(`sealed_secrets_controller_${name}`, { ...TARGET, instance: pod, pod, ...labels }),
    values,
  };
}

/** Returns a series that has the same values on each of several replicas. */
export function replicas(name: string, values: string, labels: Labels = {}): readonly Series[] {
  return ['a', 'b', 'c'].map((pod) => series(name, values, labels, pod));
}

/** Returns the notation of a series. */
export function text(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}
