/**
 * A sandbox: a stand-in for the phone-enrichment service on a port of one's own, to test money paths
 * without money. It has a wallet, a ledger of every charge, and faults to order.
 *
 * Units: money in credits (whole numbers), time in milliseconds unless a name says seconds, sizes in bytes.
 * Records travel over HTTP as they are here, so their keys are in snake_case.
 *
 * @example
 * import { startSandbox } from 'phone-enrichment/sandbox';
 *
 * const sandbox = await startSandbox({ credits: 100 });
 * // … let a client with baseUrl sandbox.url and token sandbox.token do its work …
 * console.log(sandbox.ledger());   // every charge: who, when, which request
 * await sandbox.close();
 */

/** Starts a sandbox. Rejects with a `TypeError` or `RangeError` for an option it does not understand, and with the system's error when the port is taken. */
export function startSandbox(options?: SandboxOptions): Promise<Sandbox>;

export interface SandboxOptions {
  /** Address to bind. Default `127.0.0.1`, which other machines cannot reach. */
  host?: string;
  /** Port to bind; 0, the default, takes a free one. */
  port?: number;
  /** The live token that {@link Sandbox.token} hands out. Default: a fixed one that is no secret. */
  token?: string;
  /**
   * More tokens; a bare text is a live one. Default: `sandbox-test-token` (10 lookups a day),
   * `sandbox-expired-token` and `sandbox-revoked-token`. A list given here replaces those three.
   */
  tokens?: (string | TokenOption)[];
  /** Credits in the wallet at the start, and after a reset. All tokens share it. Default 100. */
  credits?: number;
  /** Which web pages may call: `true` any, a list of origins these, `false` (the default) none. It also decides which pages may use `/__sandbox/`. */
  cors?: boolean | string[];
  /** People beyond, or instead of, the built-in book. */
  people?: PeopleOption;
  /** The fault script at the start, and after a reset. */
  faults?: FaultRule[];
  /** Seed for rules with a `probability` or a range of milliseconds. Default 1. */
  seed?: number;
  /** The request log: `true` (the default) keeps the latest 200,000 requests at least, a number that many, `false` none. The ledger is always complete. */
  log?: boolean | number;
  /** Add `required` and `balance` to the body of a 402, as other parts of the API do. Default `false`. */
  detail402?: boolean;
  /** Called once for each request, when it is over. */
  onRequest?: (record: RequestRecord) => void;
}

export interface TokenOption {
  /** Visible ASCII without spaces. */
  token: string;
  /** Default `live`. `expired` and `revoked` answer 401 like a token nobody knows; the request log tells them apart. */
  kind?: 'live' | 'test' | 'expired' | 'revoked';
  /** Lookups (found or not) a `test` token may make per day, by the calendar of UTC; then the answer is 429. Default 10. */
  dailyCap?: number;
  /** `Retry-After` of that 429: seconds, or any text verbatim. Default: no such header. */
  retryAfter?: number | string;
}

/**
 * A number adds that many generated people; a list adds one's own; the object form does either or both,
 * and with `builtIn: false` leaves the built-in book out. One's own person takes the place of a
 * built-in one with the same id, or the same identifier.
 */
export type PeopleOption = number | PersonInput[] | {
  own?: PersonInput[];
  /** Generated people, at most 1,000,000; see {@link generatedPerson}. Default 0. */
  generated?: number;
  /** Default `true`. */
  builtIn?: boolean;
};

/** The four accepted combinations, the strongest first: the strongest one present decides, and a miss is not tried again with a weaker one. */
export type Identifier = 'linkedin_url' | 'email' | 'name_company' | 'name_website';

export interface PersonInput {
  /** What the ledger calls this person; unique. */
  id: string;
  /** The part after `/in/`, not percent-encoded. */
  linkedin_slug?: string | null;
  /** The address the person is looked up by. */
  email?: string | null;
  first_name?: string | null;
  last_name?: string | null;
  company_name?: string | null;
  company_website?: string | null;
  /** The paid result of the phone endpoint, in any spelling. Absent, `null` or `""`: not found, free. */
  phone?: string | null;
  /** `results.email`: the free bonus of the phone endpoint, the paid result of the e-mail endpoint. Left out: the key is missing; `null` and `""` are sent as such. */
  bonus_email?: string | null;
  /** Which combinations find the person. Default: all that the fields allow. */
  found_by?: Identifier[];
}

/** An entry of the book, frozen. */
export interface Person {
  readonly id: string;
  readonly linkedin_slug: string | null;
  /** The profile address, percent-encoded. */
  readonly linkedin_url: string | null;
  readonly email: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly company_name: string | null;
  readonly company_website: string | null;
  readonly phone: string | null;
  readonly bonus_email?: string | null;
  readonly found_by: readonly Identifier[];
}

/**
 * The n-th generated person (n from 1): slug `person-00001`, e-mail `person-00001@example.com`, company
 * `Company 00001`, site `company-00001.example.com`, always with a phone. Known to a sandbox whose
 * `people` option covers n. Phones repeat after 79,900 people.
 */
export function generatedPerson(n: number): Person;

export interface Sandbox {
  /** The base URL for a client: `POST ${url}/external/phone/enrichment/`. */
  readonly url: string;
  /** Scheme, host and port; `${origin}/__sandbox/` is the HTTP control. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** The live token. */
  readonly token: string;
  /** All tokens with their kinds. */
  readonly tokens: readonly { token: string; kind: 'live' | 'test' | 'expired' | 'revoked' }[];
  /** Every charge, the oldest first. */
  ledger(): Charge[];
  /** Every request seen outside `/__sandbox/`, charged or not, the oldest first, within the bound of `log`. */
  requests(): RequestRecord[];
  /** Everyone in the book, generated people last. */
  people(): Person[];
  /** The wallet and sums over the ledger. */
  wallet(): Wallet;
  /** The fault script, each rule with how often it struck. */
  faults(): (FaultRule & { struck: number })[];
  /** Replaces the fault script; `[]` ends all faults. Throws a `TypeError` that says which rule is wrong, and then changes nothing. */
  setFaults(rules: FaultRule[], script?: { seed?: number }): void;
  /** Sets what the wallet holds, in credits. */
  setCredits(credits: number): void;
  /** Back to the start: wallet, ledger, request log, caps and fault script. */
  reset(): void;
  /** Resolves when no request is being handled or answered; a client may have left before. */
  idle(): Promise<void>;
  /** Stops, and destroys every connection. May be called twice. */
  close(): Promise<void>;
}

/** One charge. Frozen. */
export interface Charge {
  readonly id: string;
  /** {@link RequestRecord.id} of the request that caused it. */
  readonly request_id: string;
  readonly person_id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Milliseconds since 1970. */
  readonly at_ms: number;
  readonly endpoint: 'phone' | 'email';
  /** Credits taken. */
  readonly credits: number;
  /** Credits in the wallet afterwards. */
  readonly balance_after: number;
  readonly matched_by: Identifier;
  /** The request's body. */
  readonly body: unknown;
}

export interface RequestRecord {
  id: string;
  /** When the headers arrived: ISO 8601, UTC. */
  at: string;
  /** Milliseconds since 1970. */
  at_ms: number;
  method: string;
  /** With the query, if any. */
  path: string;
  /** Names in lower case. Of a token only the last four characters are kept, of a token of eight or fewer none. */
  headers: Record<string, string | string[] | undefined>;
  /** The kind of the token that arrived; `null` when no Authorization header did. */
  token: 'live' | 'test' | 'expired' | 'revoked' | 'unknown' | null;
  /** The parsed object when it is flat and small, else the text up to 16,384 characters; `null` without a body. Frozen. */
  body: unknown;
  /** Whom the request named, when it came as far as the book and the book knew. */
  person_id: string | null;
  matched_by: Identifier | null;
  /** The status answered, also when the client was no longer there to read it; `null` when there was no answer. */
  status: number | null;
  /** Names of the faults that struck. */
  faults: string[];
  charged: boolean;
  charge_id: string | null;
  /** Credits charged: 0 or the price. */
  credits: number;
  /** The client ended the connection before the whole answer was sent. A request received whole is handled, and charged, all the same. */
  aborted: boolean;
  /** Milliseconds until handling and answer were over; `null` before. */
  took_ms: number | null;
}

export interface Wallet {
  /** Credits left. */
  credits: number;
  /** Credits charged in all. */
  spent: number;
  /** Number of charges. */
  charges: number;
  /** Charges beyond the first for one person at one endpoint. */
  double_charges: number;
}

/** Which requests a rule is about. Several conditions must all hold; a list holds when one of its members does. */
export interface FaultMatch {
  /** Id of a person in the book. */
  person?: string | string[];
  /** `email` of the request, in any case. */
  email?: string | string[];
  /** The slug in `linkedin_url` of the request, percent-decoded, in any case. */
  slug?: string | string[];
  endpoint?: 'phone' | 'email' | ('phone' | 'email')[];
  /** Default: all but OPTIONS. With `OPTIONS` the rule is about preflights. */
  method?: string | string[];
  /** Exact path on the sandbox, for instance one that is no endpoint. Default: both endpoints. */
  path?: string | string[];
  /** The n-th request, from 1, of those that meet the rest of the rule and that its fault could strike. */
  nth?: number | number[];
}

interface FaultRuleBase {
  match?: FaultMatch;
  /** How often the rule strikes at most. Default: without end. */
  times?: number;
  /** Chance to strike, 0 to 1, drawn from the seed, the person and how often that person came: the order of arrival does not matter. Default 1. */
  probability?: number;
  /** Seed of this rule. Default: that of the script. */
  seed?: number;
}

interface AfterWork extends FaultRuleBase {
  /** `false`: answer as though the work had not been done, so nothing is charged. Default `true`: charged when found. */
  charge?: boolean;
}

/**
 * One rule of a fault script. Rules are asked in order: all delays that match add up, and the first other
 * fault that matches strikes. Faults that stand in for handling never charge; all others
 * leave the charge as it would be without them, so only a person who is found costs anything. A refusal
 * (4xx) goes out unspoiled except by `delay`, `cut_body`, `drip` and `cors_refused`.
 */
export type FaultRule =
  | (FaultRuleBase & { fault: 'delay'; /** Milliseconds, or [least, most]. */ ms: number | [number, number]; /** Default `handling`: the charge, too, comes after the wait. */ before?: 'handling' | 'answer' })
  | (FaultRuleBase & { fault: 'drop'; /** End with a TCP reset. */ reset?: boolean })
  | (FaultRuleBase & { fault: 500 | '500' | 502 | '502' })
  | (FaultRuleBase & { fault: 429 | '429'; /** Seconds, or any text verbatim. */ retryAfter?: number | string; /** An HTTP date this many seconds from now. */ retryAfterDate?: number })
  | (FaultRuleBase & { fault: 'status'; status: number; /** JSON, or a text sent as text/html. */ body?: unknown })
  | (FaultRuleBase & { fault: 'redirect'; /** Default 307. */ status?: 301 | 302 | 303 | 307 | 308; /** A path on the sandbox. Default: a trap that answers a false result. */ to?: string })
  | (FaultRuleBase & { fault: 'cut_body'; /** Bytes sent before the connection ends. Default: half. */ keep?: number })
  | (FaultRuleBase & { fault: 'drip'; /** Milliseconds between portions. Default 10. */ ms?: number; /** Bytes a portion. Default 1. */ bytes?: number })
  | (FaultRuleBase & { fault: 'cors_refused' })
  | (FaultRuleBase & { fault: 'charge_then_drop'; /** End with a TCP reset. */ reset?: boolean })
  | (FaultRuleBase & { fault: 'charge_then_500'; /** 500 to 599. */ status?: number })
  | (AfterWork & { fault: 'html_200' | 'empty_200' | 'bom' | 'duplicate_keys' | 'missing_phone' })
  | (AfterWork & { fault: 'wrong_content_type'; /** Default `text/plain`; `null`: no such header. */ contentType?: string | null })
  | (AfterWork & { fault: 'huge'; /** Size of the body. Default 1,048,576, at most 268,435,456. */ bytes?: number; /** Without Content-Length. */ chunked?: boolean; /** Leave the JSON unfinished. */ cut?: boolean })
  | (AfterWork & { fault: 'wrong_types'; /** Default `phone_number`. */ variant?: WrongTypesVariant });

export type WrongTypesVariant =
  | 'phone_number' | 'phone_null' | 'phone_empty' | 'phone_object' | 'phone_array' | 'email_number'
  | 'results_array' | 'results_null' | 'results_text' | 'results_missing'
  | 'success_missing' | 'success_false' | 'success_text'
  | 'status_missing' | 'status_unknown' | 'status_number'
  | 'credits_text' | 'credits_missing' | 'credits_null' | 'credits_negative' | 'credits_fraction' | 'credits_integral_float'
  | 'body_array' | 'body_text' | 'body_null';

/** All variants of `wrong_types`, to loop over. Those about `phone`, `email` and `results` strike found answers only. */
export const wrongTypeVariants: readonly WrongTypesVariant[];

/** All faults by name: when each strikes, whether it charges, which parameters it takes. */
export const faultKinds: Readonly<Record<string, {
  /** `before`: instead of handling. `any`: any answer. `ok`: answers with 200. `found`: answers with a result. */
  readonly stage: 'before' | 'any' | 'ok' | 'found';
  readonly charge: 'never' | 'when_found';
  readonly parameters: readonly string[];
  readonly says: string;
}>>;
