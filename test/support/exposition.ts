/** One series of an exposition, and its value now. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a page of metrics holds, in Prometheus' text format. */
export interface Exposition {
  /** By the name of each metric, its type. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const LABEL = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`;
const SAMPLE = new RegExp(String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${LABEL}(?:,${LABEL})*)\})? (\S+)$`);

/** Reads a page of metrics. Throws for a line that is none. */
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

/** The samples of a metric, and of a part of its labels. */
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
