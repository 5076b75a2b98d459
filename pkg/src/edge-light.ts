import wasm from "./phone_enrichment.wasm?module";
import { surface, type Surface } from "./surface.js";

// At Vercel's edge a bare .wasm is instantiated; with this, it stays a module. As in index.ts, nothing happens until the
// first call.
let api: Surface | undefined;
const used = () => (api ??= surface(() => wasm));

export const createClient: Surface["createClient"] = (options) => used().createClient(options);
export const enrichPhone: Surface["enrichPhone"] = (request, options) => used().enrichPhone(request, options);
export const checkRequest: Surface["checkRequest"] = (request) => used().checkRequest(request);
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
