/**
 * What can be told of the API server's refusal without a value of the object. Its message may quote what was sent, and
 * an admission webhook may put anything into all fields of the answer. So words from fixed lists are told, names of
 * items that are known anyway, and names of objects that stand at fixed places of the API server's own words.
 */

export interface Refusal {
  /** The one-word reason of the Kubernetes Status (`AlreadyExists`, `Conflict`, `Expired`…), or empty. */
  readonly reason: string;
  /** `FIELD: REASON` or `FIELD` of what is wrong with the object, five at most. */
  readonly fields: readonly string[];
  /** Who or what refused it; undefined where the message has none of the known forms. */
  readonly cause: string | undefined;
  /** Whether `cause` tells all there is. */
  readonly complete: boolean;
}

/** `StatusReason` of Kubernetes (apimachinery, meta/v1). */
const REASONS: ReadonlySet<unknown> = new Set([
  'AlreadyExists',
  'BadRequest',
  'Conflict',
  'Expired',
  'Forbidden',
  'Gone',
  'InternalError',
  'Invalid',
  'MethodNotAllowed',
  'NotAcceptable',
  'NotFound',
  'RequestEntityTooLarge',
  'ServerTimeout',
  'ServiceUnavailable',
  'StorageReadError',
  'Timeout',
  'TooManyRequests',
  'Unauthorized',
  'UnsupportedMediaType',
]);

/** `CauseType` of Kubernetes (apimachinery, meta/v1). */
const CAUSES: ReadonlySet<unknown> = new Set([
  'FieldManagerConflict',
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueNotFound',
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
  'InternalError',
  'NamespaceTerminating',
  'ResourceVersionTooLarge',
  'UnexpectedServerResponse',
]);

const MAX_FIELDS = 5;
/** No more causes than this are looked at. */
const MAX_CAUSES = 100;

/** The fields of what we write. */
const KNOWN_FIELD =
  /^(metadata(?:\.(?:name|namespace|labels|annotations|finalizers|ownerReferences))?|data|type|immutable|status)(?=$|[.[])/;
const ITEM = /^data\[([^[\]]{1,253})\]$/;

/** A name of an object: a DNS subdomain (RFC 1123). */
const NAME = '([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)';
const FORBIDDEN = `^secrets "${NAME}" is forbidden: `;

interface Form {
  readonly pattern: RegExp;
  /** Gets the names in the message. */
  readonly words: (...names: readonly string[]) => string;
  readonly complete?: true;
}

/** The API server's own words, from their beginning on; what others say stands behind them. */
const FORMS: readonly Form[] = [
  {
    pattern: new RegExp(`${FORBIDDEN}exceeded quota: ${NAME}, requested: `),
    words: (_, quota) => `the ResourceQuota ${quota} is exceeded`,
  },
  {
    pattern: new RegExp(`${FORBIDDEN}failed quota: ${NAME}: must specify `),
    words: (_, quota) => `the ResourceQuota ${quota} cannot be applied`,
  },
  {
    pattern: new RegExp(`${FORBIDDEN}status unknown for quota: ${NAME}, resources: `),
    words: (_, quota) => `the ResourceQuota ${quota} has no status yet`,
  },
  {
    pattern: new RegExp(
      `${FORBIDDEN}ValidatingAdmissionPolicy '${NAME}' with binding '${NAME}' denied request: `,
    ),
    words: (_, policy, binding) => `the ValidatingAdmissionPolicy ${policy} (binding ${binding}) denies it`,
  },
  {
    pattern: new RegExp(`^admission webhook "${NAME}" denied the request(?:: | without explanation$)`),
    words: (webhook) => `the admission webhook ${webhook} denies it`,
  },
  {
    pattern: new RegExp(`^Internal error occurred: failed calling webhook "${NAME}": `),
    words: (webhook) => `the admission webhook ${webhook} cannot be called`,
  },
  {
    pattern: new RegExp(
      `${FORBIDDEN}unable to create new content in namespace ${NAME} because it is being terminated$`,
    ),
    words: () => 'the namespace is being terminated',
    complete: true,
  },
  {
    pattern: new RegExp(`^namespaces "${NAME}" not found$`),
    words: () => 'the namespace does not exist',
    complete: true,
  },
  {
    pattern: new RegExp(
      `^secrets(?: "${NAME}")? is forbidden: User "[^"]{1,300}" cannot (create|update|get) resource "secrets" in API group ""`,
    ),
    words: (_, verb) => `RBAC does not allow the controller to ${verb} Secrets here`,
    complete: true,
  },
];

/**
 * Reads the body of a refusal leniently, for this may be anything: a proxy's page, a webhook's invention.
 *
 * @param items names of items that may be told
 */
export function refusalIn(body: unknown, items: ReadonlySet<string> = new Set()): Refusal {
  const reason = own(body, 'reason');
  const causes = own(own(body, 'details'), 'causes');
  const all: readonly unknown[] = Array.isArray(causes) ? causes.slice(0, MAX_CAUSES) : [];
  const fields = new Set(all.flatMap((cause) => fieldIn(cause, items)));
  return {
    reason: typeof reason === 'string' && REASONS.has(reason) ? reason : '',
    fields: [...fields].slice(0, MAX_FIELDS),
    ...causeIn(messageIn(body), all),
  };
}

/** The message of a Kubernetes Status, or empty. It may quote values. */
export function messageIn(body: unknown): string {
  const message = own(body, 'message');
  return typeof message === 'string' ? message : '';
}

function fieldIn(cause: unknown, items: ReadonlySet<string>): string[] {
  const field = own(cause, 'field');
  if (typeof field !== 'string') return [];
  const item = ITEM.exec(field)?.[1];
  const known = item !== undefined && items.has(item) ? `data[${item}]` : KNOWN_FIELD.exec(field)?.[1];
  if (known === undefined) return [];
  const reason = own(cause, 'reason');
  return [typeof reason === 'string' && CAUSES.has(reason) ? `${known}: ${reason}` : known];
}

function causeIn(message: string, causes: readonly unknown[]): Pick<Refusal, 'cause' | 'complete'> {
  for (const { pattern, words, complete = false } of FORMS) {
    const found = pattern.exec(message);
    if (found) return { cause: words(...found.slice(1)), complete };
  }
  const terminates = causes.some((cause) => own(cause, 'reason') === 'NamespaceTerminating');
  return terminates
    ? { cause: 'the namespace is being terminated', complete: true }
    : { cause: undefined, complete: false };
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
