// The rules of a request as a zod schema.
import * as z from "zod";

import { ADDRESS, addressOf, companyOf, HIDDEN, keyed, lookupOf, profileOf, READABLE, spaced } from "./rules.js";

const by = (rule) => (value, context) => rule(value, (message) => (context.addIssue({ code: "custom", message }), z.NEVER));
const profile = z.string().trim().transform(by(profileOf));
const email = z.string().trim().max(254, "email_too_long").regex(ADDRESS, "email_syntax").transform(by(addressOf));
const website = z.string().trim().transform(by(companyOf));
const name = z
  .string()
  .normalize("NFC")
  .overwrite(spaced)
  .max(200, "name_too_long")
  .regex(HIDDEN, "name_forbidden_character")
  .regex(READABLE, "name_empty")
  .transform(keyed);
const schema = z
  .strictObject({
    linkedin_url: profile.optional(),
    email: email.optional(),
    first_name: name.optional(),
    last_name: name.optional(),
    company_name: name.optional(),
    company_website: website.optional(),
  })
  .transform(by(lookupOf));

/** Judges a request: what it allows, or everything that is wrong with it. */
export function judge(request) {
  const { success, data, error } = schema.safeParse(request);
  if (success) return { ok: true, ...data };
  return { ok: false, issues: error.issues.map((issue) => ({ field: issue.path[0] ?? null, message: issue.message })) };
}
