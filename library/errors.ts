import { failureOf } from '../shared/errors.ts';
import { isSealFailure } from '../shared/seal/errors.ts';
import type { ItemProblem } from '../shared/seal/item-problem.ts';

/**
 * Why a call failed. A code keeps its meaning; a minor version may add codes.
 *
 * - Certificates: `NotACertificate`, `NotRsa`, `WeakKey`, `HugeKey`, `WeakExponent`, `CertificateExpired`,
 *   `CertificateNotYetValid`.
 * - The runtime: `NoWebCrypto` (a page that came by plain http).
 * - Private keys: `NotAPrivateKey`, `EncryptedKey`, `NotRsa`, `HugeKey`, `WeakExponent`.
 * - Fields of a manifest: `WrongType`, `Missing`, `DuplicateField`, `WrongKind`, `WrongVersion`, `BadBase64`, `BadName`.
 * - Sealing: `NoName`, `NoNamespace`, `NoItems`.
 * - Unsealing: `Unseal` (some items do not open or render: see `items`), `SecretTooLarge`, `NoEncryptedItems`,
 *   `V1DataNotASecret`.
 * - Text: `NotUtf8`, `Syntax`, `TooDeep`.
 * - `Internal`: a defect of the library. Please report it.
 */
export type ErrorCode =
  | 'BadBase64'
  | 'BadName'
  | 'CertificateExpired'
  | 'CertificateNotYetValid'
  | 'DuplicateField'
  | 'EncryptedKey'
  | 'HugeKey'
  | 'Internal'
  | 'Missing'
  | 'NoEncryptedItems'
  | 'NoItems'
  | 'NoName'
  | 'NoNamespace'
  | 'NoWebCrypto'
  | 'NotACertificate'
  | 'NotAPrivateKey'
  | 'NotRsa'
  | 'NotUtf8'
  | 'SecretTooLarge'
  | 'Syntax'
  | 'TooDeep'
  | 'Unseal'
  | 'V1DataNotASecret'
  | 'WeakExponent'
  | 'WeakKey'
  | 'WrongKind'
  | 'WrongType'
  | 'WrongVersion';

/** All codes. The compiler checks that none is missing. */
const CODES: Readonly<Record<ErrorCode, true>> = {
  BadBase64: true,
  BadName: true,
  CertificateExpired: true,
  CertificateNotYetValid: true,
  DuplicateField: true,
  EncryptedKey: true,
  HugeKey: true,
  Internal: true,
  Missing: true,
  NoEncryptedItems: true,
  NoItems: true,
  NoName: true,
  NoNamespace: true,
  NoWebCrypto: true,
  NotACertificate: true,
  NotAPrivateKey: true,
  NotRsa: true,
  NotUtf8: true,
  SecretTooLarge: true,
  Syntax: true,
  TooDeep: true,
  Unseal: true,
  V1DataNotASecret: true,
  WeakExponent: true,
  WeakKey: true,
  WrongKind: true,
  WrongType: true,
  WrongVersion: true,
};

/** An item that does not open or render. */
export interface FailedItem {
  /** The name of the item. */
  readonly item: string;
  /**
   * Why: `NoKey` (no key opens it under this name, namespace and scope), `WrongScope` (it was sealed for another scope),
   * `NoEnvelope`, `NotAString` or `IllegalBase64` (it is no sealed value), `Template` (the template fails), or `NotTried`
   * (too many others have failed).
   */
  readonly code:
    'NoKey' | 'WrongScope' | 'NoEnvelope' | 'NotAString' | 'IllegalBase64' | 'Template' | 'NotTried';
}

/**
 * The failure of a call. The message names the place and what to do. Neither the message nor any other field holds a
 * value of a Secret or a part of a key.
 */
export class SealedSecretsError extends Error {
  /** Always `SealedSecretsError`. */
  override readonly name = 'SealedSecretsError';
  /** Why the call failed, for programs. */
  readonly code: ErrorCode;
  /** The items that failed, if the code is `Unseal`; empty otherwise. */
  readonly items: readonly FailedItem[];

  /** @internal */
  constructor(message: string, code: ErrorCode, items: readonly FailedItem[] = []) {
    super(message);
    this.code = code;
    this.items = items;
  }
}

/**
 * Calls a function. Its failures become `SealedSecretsError`, and so does any other error, of which only the class is
 * named: its message or its cause may quote values.
 *
 * @param where what the function does, for an error that is a defect
 */
export function translating<T>(where: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translated(error, where);
  }
}

/** Does the same as `translating` for a function that returns a promise. */
export async function translatingAsync<T>(where: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translated(error, where);
  }
}

function translated(error: unknown, where: string): SealedSecretsError {
  const failure = failureOf(error, where);
  const problems =
    isSealFailure(failure) && failure.details.code === 'Unseal' ? failure.details.problems : [];
  return new SealedSecretsError(failure.describe(), codeOf(failure.code), problems.flatMap(failedItem));
}

function codeOf(code: string): ErrorCode {
  return isErrorCode(code) ? code : 'Internal';
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CODES, code);
}

function failedItem(problem: ItemProblem): readonly FailedItem[] {
  switch (problem.code) {
    case 'TemplatesSkipped':
      return [];
    // Found only with other names to try, which the library does not take.
    case 'WrongPlace':
      return [{ item: problem.item, code: 'NoKey' }];
    default:
      return [{ item: problem.item, code: problem.code }];
  }
}
