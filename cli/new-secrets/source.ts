import type { CliContext } from '../context.ts';

/** What the flags of `create` say about the content of the new Secret. */
export interface SecretSource {
  /** The type; empty for that of the API server, `Opaque`. */
  readonly type: string;
  /** Whether the user types values on the terminal. */
  readonly prompts: boolean;
  /** Reads the items. Throws for files that cannot be read, and for values that do not fit the kind. */
  read(context: CliContext): Promise<ReadonlyMap<string, Uint8Array>>;
}
