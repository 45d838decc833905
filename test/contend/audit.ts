/** The audit log of an API server: what it received from whom, and when. */
import { dump } from 'js-yaml';
import { at, listAt } from '../control-plane/admin-client.ts';

const CREDENTIAL = 'authentication.kubernetes.io/credential-id';

/**
 * What to log: Leases and ConfigMaps with their content, and of all else that controllers write the metadata. A Secret
 * never gets into the log.
 */
export const AUDIT_POLICY = dump({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    { level: 'RequestResponse', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
    {
      level: 'Request',
      verbs: ['create', 'update', 'patch'],
      resources: [{ group: '', resources: ['configmaps'] }],
    },
    {
      level: 'Metadata',
      verbs: ['create', 'update', 'patch', 'delete'],
      resources: [
        { group: '', resources: ['secrets', 'events'] },
        { group: 'events.k8s.io', resources: ['events'] },
        { group: 'bitnami.com', resources: ['sealedsecrets', 'sealedsecrets/status'] },
      ],
    },
    { level: 'None' },
  ],
});

/** A request in the audit log. Times are in ms since 1970, with a resolution of a microsecond. */
export interface AuditedRequest {
  /** The ID of the token, or the name of a user without one. Two replicas share their account, but not their token. */
  readonly actor: string;
  readonly verb: string;
  /** The plural of the kind, with the subresource: `secrets`, `sealedsecrets/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly received: number;
  readonly code: number;
  /** The body of the request, where the policy says so. */
  readonly sent: unknown;
  /** The body of the answer, where the policy says so. */
  readonly answer: unknown;
}

/** Reads complete lines of an audit log. */
export function parseAudit(lines: string): AuditedRequest[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseLine(JSON.parse(line)));
}

function parseLine(event: unknown): AuditedRequest {
  const text = (...path: string[]): string => {
    const value = at(event, ...path);
    return typeof value === 'string' ? value : '';
  };
  const credential = listAt(event, 'user', 'extra', CREDENTIAL)[0];
  const subresource = text('objectRef', 'subresource');
  return {
    actor: typeof credential === 'string' ? credential : text('user', 'username'),
    verb: text('verb'),
    resource: text('objectRef', 'resource') + (subresource === '' ? '' : `/${subresource}`),
    namespace: text('objectRef', 'namespace'),
    name: text('objectRef', 'name'),
    received: parseMicroTime(text('requestReceivedTimestamp')),
    code: Number(at(event, 'responseStatus', 'code') ?? 0),
    sent: at(event, 'requestObject'),
    answer: at(event, 'responseObject'),
  };
}

/** Whether a request of the actor writes something other than a Lease. It need not have succeeded. */
export function isWriteOf({ actor, verb, resource }: AuditedRequest, by: string): boolean {
  return actor === by && resource !== 'leases' && ['create', 'update', 'patch', 'delete'].includes(verb);
}

/** Returns the actor of a ServiceAccount's token. */
export function actorOf(token: string): string {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return `JTI=${String(at(claims, 'jti'))}`;
}

/** Returns a time with six fractional digits in ms; `Date` would round it. */
function parseMicroTime(text: string): number {
  const match = /^(.+\.\d{3})(\d{3})Z$/.exec(text);
  if (match === null) throw new Error(`"${text}" is not a MicroTime`);
  return Date.parse(`${match[1] ?? ''}Z`) + Number(match[2]) / 1000;
}
