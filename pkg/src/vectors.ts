// The types of vectors.js, which the build writes from the project's own test vectors: there is no second copy of them.
import type { EnrichmentRequest } from "./types.js";

/** What is said of one spelling of one field. */
export type Vector = AcceptedVector | RefusedVector;

interface Case {
  /** The field that the text is given as. */
  readonly field: keyof EnrichmentRequest;
  /** The text as somebody wrote it. A blank one counts as absent in a request; taken by itself it is refused. */
  readonly in: string;
  /** What the case is about. */
  readonly why: string;
}

/** A spelling that names somebody, and its canonical form, which stays as it is until the next major version. */
export interface AcceptedVector extends Case {
  /** As it is sent. */
  readonly wire: string;
  /** As people are told apart by it: whole for a profile and an e-mail address, a part of the key for a name and a website. */
  readonly key: string;
  readonly refuse?: never;
  readonly position?: never;
}

/** A spelling that is refused. */
export interface RefusedVector extends Case {
  /** The code of the issue. */
  readonly refuse: string;
  /** Where the offending place is, in UTF-16 code units; not every case says it. */
  readonly position?: number;
  readonly wire?: never;
  readonly key?: never;
}

/** Of `linkedin_url`. */
export declare const linkedin: readonly Vector[];
/** Of `email`. */
export declare const email: readonly Vector[];
/** Of `company_website`. */
export declare const website: readonly Vector[];
/** Of `first_name`, `last_name` and `company_name`. */
export declare const name: readonly Vector[];
