import * as api from "phone-enrichment";
import { verdict } from "./lookups.js";

addEventListener("message", (event) => {
  event.waitUntil(verdict(api, { baseUrl: "/api" }).then((said) => event.source.postMessage(said)));
});
