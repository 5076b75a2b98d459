import type { CheckResult, EnrichmentRequest } from "phone-enrichment";
import { email, linkedin, name, website, type AcceptedVector, type RefusedVector, type Vector } from "phone-enrichment/vectors";
import { is, never, type Same } from "./same.js";

for (const vectors of [linkedin, email, website, name]) is<Same<typeof vectors, readonly Vector[]>>();
is<Same<Vector, AcceptedVector | RefusedVector>>();
is<Same<Vector["field"], keyof EnrichmentRequest>>();

/** As somebody judges his own form by them. */
function judge(vector: Vector, result: CheckResult): boolean {
  const request: EnrichmentRequest = { [vector.field]: vector.in };
  if (vector.refuse !== undefined) {
    is<Same<typeof vector, RefusedVector>>();
    is<Same<typeof vector.position, number | undefined>>();
    return !result.ok && result.issues[0]?.code === vector.refuse && request !== undefined;
  }
  is<Same<typeof vector, AcceptedVector>>();
  is<Same<typeof vector.wire | typeof vector.key, string>>();
  // @ts-expect-error what is accepted has no place that offends
  vector.position.toFixed();
  return result.ok && result.lookup.request[vector.field] === vector.wire;
}
linkedin.every((vector) => judge(vector, { ok: false, issues: [] }));

// @ts-expect-error the vectors are everybody's
linkedin.push(linkedin[0]!);
declare const one: Vector;
// @ts-expect-error and so is each of them
one.in = "x";
if (one.wire === undefined && one.refuse === undefined) never(one);
