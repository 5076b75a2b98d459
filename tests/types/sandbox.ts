import { faultKinds, generatedPerson, startSandbox, wrongTypeVariants } from "phone-enrichment/sandbox";
import type { Charge, FaultMatch, FaultRule, Identifier, PeopleOption, Person, PersonInput, RequestRecord, Sandbox, SandboxOptions, TokenOption, Wallet, WrongTypesVariant } from "phone-enrichment/sandbox";
import { createClient } from "phone-enrichment";
import { is, isNot, type Same } from "./same.js";

const sandbox = await startSandbox();
is<Same<typeof sandbox, Sandbox>>();
await startSandbox({});
await startSandbox({ host: "127.0.0.1", port: 0, token: "t", tokens: ["u", { token: "v", kind: "test", dailyCap: 3, retryAfter: 5 }], credits: 5, cors: ["https://example.com"], people: 100, faults: [], seed: 1, log: false, detail402: true, onRequest: (record) => is<Same<typeof record, RequestRecord>>() });
// @ts-expect-error an unknown option
await startSandbox({ creds: 5 });
// @ts-expect-error a text is no number of credits
await startSandbox({ credits: "5" });
// @ts-expect-error no such kind of token
await startSandbox({ tokens: [{ token: "t", kind: "admin" }] });

// What it offers is what a client takes.
createClient({ baseUrl: sandbox.url, token: sandbox.token });
is<Same<ReturnType<typeof sandbox.ledger>, Charge[]>>();
is<Same<ReturnType<typeof sandbox.requests>, RequestRecord[]>>();
is<Same<ReturnType<typeof sandbox.people>, Person[]>>();
is<Same<ReturnType<typeof sandbox.wallet>, Wallet>>();
is<Same<ReturnType<typeof sandbox.idle>, Promise<void>>>();
is<Same<Wallet, { credits: number; spent: number; charges: number; double_charges: number }>>();
is<Same<Charge["endpoint"], "phone" | "email">>();
is<Same<RequestRecord["status"], number | null>>();
is<Same<RequestRecord["token"], "live" | "test" | "expired" | "revoked" | "unknown" | null>>();
is<Same<Identifier, "linkedin_url" | "email" | "name_company" | "name_website">>();
// @ts-expect-error the url is the sandbox's
sandbox.url = "http://localhost";

// Faults: each takes its own parameters and no other.
sandbox.setFaults([]);
sandbox.setFaults([{ fault: "delay", ms: [1, 2], before: "answer" }, { fault: 500, times: 1 }, { fault: "429", retryAfter: "soon" }, { fault: 429, retryAfterDate: -5 }, { fault: "wrong_types", variant: "phone_null", charge: false }], { seed: 42 });
({ fault: "charge_then_drop", reset: true, match: { person: ["a", "b"], nth: 1 }, probability: 0.5, seed: 3 }) satisfies FaultRule;
({ fault: "redirect", status: 308, to: "/x" }) satisfies FaultRule;
({ fault: "huge", bytes: 5, chunked: true, cut: true, charge: false }) satisfies FaultRule;
({ method: "OPTIONS", endpoint: "phone", path: ["/x"], email: "a@b.co", slug: "a" }) satisfies FaultMatch;
// @ts-expect-error no such fault
({ fault: "explode" }) satisfies FaultRule;
// @ts-expect-error a delay needs its milliseconds
({ fault: "delay" }) satisfies FaultRule;
// @ts-expect-error a drop has no status
({ fault: "drop", status: 500 }) satisfies FaultRule;
// @ts-expect-error what stands in for the work never charges
({ fault: "500", charge: true }) satisfies FaultRule;
// @ts-expect-error no such redirect
({ fault: "redirect", status: 200 }) satisfies FaultRule;
// @ts-expect-error no such variant
({ fault: "wrong_types", variant: "phone_bigint" }) satisfies FaultRule;
// @ts-expect-error an unknown condition
({ person_id: "x" }) satisfies FaultMatch;

for (const variant of wrongTypeVariants) is<Same<typeof variant, WrongTypesVariant>>();
is<Same<ReturnType<typeof generatedPerson>, Person>>();
const kind = faultKinds["drip"];
if (kind) is<Same<typeof kind.charge, "never" | "when_found">>();

({ own: [{ id: "a", phone: null, bonus_email: "", found_by: ["email"] }], generated: 5, builtIn: false }) satisfies PeopleOption;
({ id: "a" }) satisfies PersonInput;
({ token: "t" }) satisfies TokenOption;
({ cors: true }) satisfies SandboxOptions;
// @ts-expect-error a person needs an id
({ phone: "+1" }) satisfies PersonInput;
isNot<Same<FaultRule, any>>();
isNot<Same<Sandbox, any>>();
