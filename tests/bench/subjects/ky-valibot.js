// The client that one writes by oneself in an hour: ky sends, valibot judges what goes out and what comes back. No cache, no
// budget, no claim, and an identifier is any text.
import ky from "ky";
import * as v from "valibot";

const text = v.pipe(v.string(), v.nonEmpty());
const name = { first_name: text, last_name: text };
const requestSchema = v.union([
  v.strictObject({ linkedin_url: text }),
  v.strictObject({ email: text }),
  v.strictObject({ ...name, company_website: text }),
  v.strictObject({ ...name, company_name: text }),
]);
const credits = v.nullish(v.number());
const replySchema = v.variant("status", [
  v.object({ status: v.literal("success"), results: v.object({ phone: v.string(), email: v.nullish(v.string()) }), remaining_credits: credits }),
  v.object({ status: v.literal("not_found"), remaining_credits: credits }),
]);

export function connect({ baseUrl }) {
  const api = ky.create({ prefixUrl: baseUrl, headers: { authorization: "Token none" }, retry: 0, timeout: 20_000 });
  return async (request) => {
    const reply = await api.post("external/phone/enrichment/", { json: v.parse(requestSchema, request) }).json();
    const outcome = v.parse(replySchema, reply);
    return outcome.results.phone;
  };
}
