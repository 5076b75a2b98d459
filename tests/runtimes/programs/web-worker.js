import * as api from "phone-enrichment";
import { verdict } from "./lookups.js";

verdict(api, { baseUrl: "/api" }).then(postMessage);
