import * as api from "phone-enrichment";
import * as lists from "phone-enrichment/lists";
import { verdict } from "./lookups.js";

addEventListener("message", (event) => {
  event.waitUntil(verdict({ ...api, ...lists }, { baseUrl: "/api" }).then((said) => event.source.postMessage(said)));
});
