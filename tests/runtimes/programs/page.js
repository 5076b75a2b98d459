import * as api from "phone-enrichment";
import { verdict } from "./lookups.js";

document.body.textContent = await verdict(api, { baseUrl: "/api" });
document.title = "ready";
