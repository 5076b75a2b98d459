import * as api from "phone-enrichment";
import * as lists from "phone-enrichment/lists";
import { verdict } from "./lookups.js";

export default async function handler(request) {
  const { searchParams } = new URL(request.url);
  return new Response(await verdict({ ...api, ...lists }, { baseUrl: searchParams.get("service"), token: searchParams.get("token") }));
}
