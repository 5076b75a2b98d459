// Its own way to call what it has no method for; below /v2/ it sends JSON as we do.
import Stripe from "stripe";

export function connect({ baseUrl }) {
  const { protocol, hostname, port, pathname } = new URL(baseUrl);
  const stripe = new Stripe("sk_test_none", { protocol: protocol.slice(0, -1), host: hostname, port });
  if (pathname !== "/v2") throw new Error(`stripe sends JSON below /v2 alone, not below ${pathname}`);
  return async (request) => (await stripe.rawRequest("POST", "/v2/external/phone/enrichment/", request)).results.phone;
}
