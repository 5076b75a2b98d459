// The method that all its calls go through, with our path and body.
import OpenAI from "openai";

export function connect({ baseUrl }) {
  const client = new OpenAI({ apiKey: "none", baseURL: baseUrl, dangerouslyAllowBrowser: true });
  return async (body) => (await client.post("/external/phone/enrichment/", { body })).results.phone;
}
