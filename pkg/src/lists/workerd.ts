import wasm from "../phone_enrichment_lists.wasm";
import { planner, type PlanList } from "./plan.js";

// Nothing happens until the first list.
let made: PlanList | undefined;

export const planList: PlanList = (source, options) => (made ??= planner(async () => wasm))(source, options);
export { EnrichmentError, isEnrichmentError } from "../error.js";
export type * from "../types.js";
export type { Plan, PlanColumn, PlanField, PlanFlag, PlanList, PlannedPerson, PlannedRow, PlanOptions, PlanProgress, PlanSource } from "./plan.js";
