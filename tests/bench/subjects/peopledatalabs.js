// Its only lookup that posts JSON is the one of many people: one person's, within one more object and a list.
import PDL from "peopledatalabs";

export function connect({ baseUrl }) {
  // It sends nothing with a key that can be none.
  const client = new PDL({ apiKey: "0".repeat(64), basePath: baseUrl });
  return async (params) => (await client.person.bulk.enrichment({ requests: [{ params }] })).results.phone;
}
