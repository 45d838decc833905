import type {
  CertificateSummary,
  Choices,
  Input,
  NamedCertificate,
  Pasted,
  Plan,
  Recognized,
  RecognizedRefused,
  Result,
} from './types.ts';

/**
 * What the worker does for the page. Each call brings all that it needs. None of them fails: what is wrong with an input
 * is part of the answer.
 */
export interface Model {
  /** Reads a certificate to seal with. Refuses what is none, and what nobody should seal with. */
  readCertificate(certificate: NamedCertificate): Promise<CertificateSummary | RecognizedRefused>;
  /** Says what a pasted or dropped text or file is. */
  recognize(file: Pasted): Promise<Recognized>;
  /** Says what `seal` would do, and what is wrong with the input. */
  plan(input: Input, choices: Choices): Promise<Plan>;
  /** Seals the input, unless there is an error. */
  seal(input: Input, choices: Choices): Promise<Result>;
}

/** A request to the worker. */
export type Request = {
  [Operation in keyof Model]: {
    /** Repeated in the response. */
    readonly id: number;
    readonly operation: Operation;
    readonly parameters: Parameters<Model[Operation]>;
  };
}[keyof Model];

/** The answer to a request. */
export type Response = {
  [Operation in keyof Model]: {
    readonly id: number;
    readonly operation: Operation;
    readonly answer: Awaited<ReturnType<Model[Operation]>>;
  };
}[keyof Model];
