import * as lists from "phone-enrichment/lists";
import * as slim from "phone-enrichment/slim";
import { verdict } from "./lookups.js";

const wasm = () => fetch("./node_modules/phone-enrichment/dist/phone_enrichment.wasm");
document.body.textContent = await verdict({ ...lists, ...slim, ...slim.withWasm(wasm) }, { baseUrl: "/api" });
document.title = "ready";
