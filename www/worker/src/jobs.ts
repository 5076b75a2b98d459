import { Hono } from "hono";
import type { Asked } from "./http.ts";
export const jobRoutes = new Hono<Asked>({ strict: true });
