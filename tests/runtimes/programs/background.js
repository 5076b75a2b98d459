import * as api from "phone-enrichment";
import { verdict } from "./lookups.js";

// Where its author has a server.
const home = chrome.runtime.getManifest().homepage_url;
verdict(api, { baseUrl: `${home}api` }).then((said) => fetch(`${home}verdict`, { method: "POST", body: said }));
