import { wasmBytes } from "#wasm";
import { surface, type Surface } from "./surface.js";

// Marked as pure, and not taken apart: a bundler can then see that a program without a call has no use for the WebAssembly.
const api = /* @__PURE__ */ surface(wasmBytes);

export const createClient: Surface["createClient"] = (options) => api.createClient(options);
export const enrichPhone: Surface["enrichPhone"] = (request, options) => api.enrichPhone(request, options);
export const checkRequest: Surface["checkRequest"] = (request) => api.checkRequest(request);
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
