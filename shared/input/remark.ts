/** What a person should know about an input that can be sealed. */
export interface Remark {
  /** A warning is about what is probably wrong, a note about what a person may not expect. */
  readonly severity: 'warning' | 'note';
  /** One line without values. */
  readonly text: string;
}
