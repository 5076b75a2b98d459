// The package without its WebAssembly, which whoever runs this gives.
import { withWasm } from "phone-enrichment/slim";

export function connect({ baseUrl, wasm }) {
  const client = withWasm(wasm).createClient({ token: "none", baseUrl, dangerouslyAllowBrowser: true });
  return async (request) => (await client.enrichPhone(request)).results.phone;
}
