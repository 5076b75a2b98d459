import * as api from "phone-enrichment";
import { verdict } from "./lookups.js";

export default {
  fetch: async (request, { BASE_URL, TOKEN }) => new Response(await verdict(api, { baseUrl: BASE_URL, token: TOKEN })),
};
