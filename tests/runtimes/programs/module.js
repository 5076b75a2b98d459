import * as api from "phone-enrichment";
import * as lists from "phone-enrichment/lists";
import { verdict } from "./lookups.js";

const [baseUrl, token] = process.argv.slice(2);
const said = await verdict({ ...api, ...lists }, { baseUrl, token });
console.log(said);
process.exitCode = said.startsWith("passed") ? 0 : 1;
