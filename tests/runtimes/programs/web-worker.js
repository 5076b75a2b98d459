import * as api from "phone-enrichment";
import * as lists from "phone-enrichment/lists";
import { verdict } from "./lookups.js";

verdict({ ...api, ...lists }, { baseUrl: "/api" }).then(postMessage);
