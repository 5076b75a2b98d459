import * as api from "phone-enrichment";
import * as lists from "phone-enrichment/lists";
import { verdict } from "./lookups.js";

export default {
  fetch: async (request, { BASE_URL, TOKEN }) => new Response(await verdict({ ...api, ...lists }, { baseUrl: BASE_URL, token: TOKEN })),
};
