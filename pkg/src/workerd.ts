import wasm from "./phone_enrichment.wasm";
import { surface } from "./surface.js";

export const { createClient, enrichPhone, checkRequest } = surface(() => wasm);
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
