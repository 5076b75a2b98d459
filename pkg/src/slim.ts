export { surface as withWasm, type Surface, type WasmSource } from "./surface.js";
export { EnrichmentError, isEnrichmentError } from "./error.js";
export type * from "./types.js";
