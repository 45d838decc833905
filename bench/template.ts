/**
 * Measures how often a typical template is parsed and run per second of CPU time, which is independent of other load
 * on the machine: `npm run bench:template`.
 */
import { SYSTEM } from '../shared/template/environment.ts';
import { Budget, bytesOf, DEFAULT_LIMITS, parse, run, type Template } from '../shared/template/index.ts';
import { SPRIG } from '../shared/template/sprig/index.ts';
import { continueOnImageNode } from './image-node.ts';

const TEXT = `{{- /* the configuration of an application */ -}}
[database]
host = {{ .host | quote }}
port = {{ .port | default "5432" }}
user = {{ .user | lower }}
password = {{ printf "%q" .password }}
{{- if .replica }}
replica = {{ .replica | trim }}
{{- else }}
replica = none
{{- end }}
url = postgres://{{ .user }}:{{ .password | urlquery }}@{{ .host }}/{{ $.name | b64enc }}
`;

const DATA = new Map(
  Object.entries({
    host: 'db.example.com',
    user: 'Admin',
    password: 'correct horse & "battery"',
    name: 'app',
  }).map(([key, value]) => [bytesOf(key), bytesOf(value)]),
);

const ROUNDS = 5;
const SECONDS = 1;
/** Runs between two readings of the time, which are slow themselves. */
const BATCH = 50;

/** Returns the CPU time of all threads of this process, in seconds. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function parsed(): Template {
  return parse('config.ini', TEXT, { functions: SPRIG });
}

function runs(template: Template): void {
  run(template, DATA, new Budget(DEFAULT_LIMITS, SYSTEM));
}

/** Returns the best of several rounds; the first ones warm up. */
function perSecond(work: () => void): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = worked();
    let count = 0;
    for (; worked() - start < SECONDS; count += BATCH) {
      for (let i = 0; i < BATCH; i++) work();
    }
    best = Math.max(best, count / (worked() - start));
  }
  return Math.round(best);
}

await continueOnImageNode();
const template = parsed();
console.log(`parse and run  ${perSecond(() => runs(parsed()))} a second`);
console.log(`parse          ${perSecond(parsed)} a second`);
console.log(`run            ${perSecond(() => runs(template))} a second`);
