import * as api from "phone-enrichment";
import * as lists from "phone-enrichment/lists";
import { verdict } from "./lookups.js";

document.body.textContent = await verdict({ ...api, ...lists }, { baseUrl: "/api" });
document.title = "ready";
