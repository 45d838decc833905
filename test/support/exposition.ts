/** One series of an exposition with its current value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A parsed page of metrics in Prometheus' text format. */
export interface Exposition {
  /** The type of each metric, by its name. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const LABEL = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`;
const SAMPLE = new RegExp(String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${LABEL}(?:,${LABEL})*)\})? (\S+)$`);

/** Parses a page of metrics. Throws on an invalid line. */
export function readExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, typed = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (typed !== '') types.set(typed, type);
    if (line === '' || line.startsWith('# ')) continue;
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new Error(`this is no line of metrics: ${line}`);
    samples.push({ name, labels: readLabels(labels), value: Number(value) });
  }
  return { types, samples };
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(new RegExp(LABEL, 'g'))].map(([label]) => {
      const [name = ''] = label.split('=');
      const value = label.slice(name.length + 2, -1);
      return [name, value.replace(/\\(.)/g, (_, escape: string) => (escape === 'n' ? '\n' : escape))];
    }),
  );
}

/** Returns the samples of a metric that have the given labels. */
export function samplesOf(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  return readExposition(text).samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
}
