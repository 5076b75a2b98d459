// The package by its first entry, with the memory that it has by itself.
import { createClient } from "phone-enrichment";

export function connect({ baseUrl }) {
  const client = createClient({ token: "none", baseUrl, dangerouslyAllowBrowser: true });
  return async (request) => (await client.enrichPhone(request)).results.phone;
}
