import * as api from "phone-enrichment";
import { verdict } from "./lookups.js";

export default async function handler(request) {
  const { searchParams } = new URL(request.url);
  return new Response(await verdict(api, { baseUrl: searchParams.get("service"), token: searchParams.get("token") }));
}
