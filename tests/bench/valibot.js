// The rules of a request as a valibot schema.
import * as v from "valibot";

import { ADDRESS, addressOf, companyOf, HIDDEN, keyed, lookupOf, profileOf, READABLE, spaced } from "./rules.js";

const by = (rule) => v.rawTransform(({ dataset, addIssue, NEVER }) => rule(dataset.value, (message) => (addIssue({ message }), NEVER)));
const profile = v.pipe(v.string(), v.trim(), by(profileOf));
const email = v.pipe(v.string(), v.trim(), v.maxLength(254, "email_too_long"), v.regex(ADDRESS, "email_syntax"), by(addressOf));
const website = v.pipe(v.string(), v.trim(), by(companyOf));
const name = v.pipe(
  v.string(),
  v.normalize("NFC"),
  v.transform(spaced),
  v.maxLength(200, "name_too_long"),
  v.regex(HIDDEN, "name_forbidden_character"),
  v.regex(READABLE, "name_empty"),
  v.transform(keyed),
);
const schema = v.pipe(
  v.strictObject({
    linkedin_url: v.optional(profile),
    email: v.optional(email),
    first_name: v.optional(name),
    last_name: v.optional(name),
    company_name: v.optional(name),
    company_website: v.optional(website),
  }),
  by(lookupOf),
);

/** Judges a request: what it allows, or everything that is wrong with it. */
export function judge(request) {
  const { success, output, issues } = v.safeParse(schema, request);
  if (success) return { ok: true, ...output };
  return { ok: false, issues: issues.map((issue) => ({ field: issue.path?.[0]?.key ?? null, message: issue.message })) };
}
