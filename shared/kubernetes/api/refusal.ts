// Extracts from an error response of the API server what is safe to show. The message may quote the request, and an
// admission webhook controls all fields of the response. Only words from fixed lists, names of known items, and object
// names at fixed positions of the API server's own messages are taken over.

/** The part of an error response that holds no value of the object. */
export interface Refusal {
  /** The one-word reason of the Kubernetes Status (`AlreadyExists`, `Conflict`, `Expired`…), or empty. */
  readonly reason: string;
  /** `FIELD: REASON` or `FIELD` of each invalid field, five at most. */
  readonly fields: readonly string[];
  /** What refused the object; undefined if the message has an unknown form. */
  readonly cause: string | undefined;
  /** Whether `cause` covers the whole message. */
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
/** The most causes that are read. */
const MAX_CAUSES = 100;

/** The fields of the objects that the controller writes. */
const KNOWN_FIELD =
  /^(metadata(?:\.(?:name|namespace|labels|annotations|finalizers|ownerReferences))?|data|type|immutable|status)(?=$|[.[])/;
const ITEM = /^data\[([^[\]]{1,253})\]$/;

/** An object name: a DNS subdomain (RFC 1123). */
const NAME = '([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)';
const FORBIDDEN = `^secrets "${NAME}" is forbidden: `;

interface MessageForm {
  readonly pattern: RegExp;
  /** Returns the cause, given the names in the message. */
  readonly describe: (...names: readonly string[]) => string;
  readonly complete?: true;
}

/** The beginnings of the API server's own messages. Text of webhooks and policies can only follow them. */
const FORMS: readonly MessageForm[] = [
  {
    pattern: new RegExp(`${FORBIDDEN}exceeded quota: ${NAME}, requested: `),
    describe: (_, quota) => `the ResourceQuota ${quota} is exceeded`,
  },
  {
    pattern: new RegExp(`${FORBIDDEN}failed quota: ${NAME}: must specify `),
    describe: (_, quota) => `the ResourceQuota ${quota} cannot be applied`,
  },
  {
    pattern: new RegExp(`${FORBIDDEN}status unknown for quota: ${NAME}, resources: `),
    describe: (_, quota) => `the ResourceQuota ${quota} has no status yet`,
  },
  {
    pattern: new RegExp(
      `${FORBIDDEN}ValidatingAdmissionPolicy '${NAME}' with binding '${NAME}' denied request: `,
    ),
    describe: (_, policy, binding) =>
      `the ValidatingAdmissionPolicy ${policy} (binding ${binding}) denies it`,
  },
  {
    pattern: new RegExp(`^admission webhook "${NAME}" denied the request(?:: | without explanation$)`),
    describe: (webhook) => `the admission webhook ${webhook} denies it`,
  },
  {
    pattern: new RegExp(`^Internal error occurred: failed calling webhook "${NAME}": `),
    describe: (webhook) => `the admission webhook ${webhook} cannot be called`,
  },
  {
    pattern: new RegExp(
      `${FORBIDDEN}unable to create new content in namespace ${NAME} because it is being terminated$`,
    ),
    describe: () => 'the namespace is being terminated',
    complete: true,
  },
  {
    pattern: new RegExp(`^namespaces "${NAME}" not found$`),
    describe: () => 'the namespace does not exist',
    complete: true,
  },
  {
    pattern: new RegExp(
      `^secrets(?: "${NAME}")? is forbidden: User "[^"]{1,300}" cannot (create|update|get) resource "secrets" in API group ""`,
    ),
    describe: (_, verb) => `RBAC does not allow the controller to ${verb} Secrets here`,
    complete: true,
  },
];

/**
 * Extracts the safe part of an error body, which may be anything: a proxy's page, or text of a webhook. Never throws.
 *
 * @param items the names of items that may be shown
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

/** Returns the message of a Kubernetes Status, which may quote values; empty if there is none. */
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
  for (const { pattern, describe, complete = false } of FORMS) {
    const found = pattern.exec(message);
    if (found) return { cause: describe(...found.slice(1)), complete };
  }
  const isTerminating = causes.some((cause) => own(cause, 'reason') === 'NamespaceTerminating');
  return isTerminating
    ? { cause: 'the namespace is being terminated', complete: true }
    : { cause: undefined, complete: false };
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
