// The one way from the page to the lookup service, on the server that serves the page: the token is added here, so that
// no browser ever holds it. The service is named by SERVICE_URL (its base URL) and SERVICE_TOKEN.
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Connect, Plugin } from "vite";

/** What is the service's on this origin, as with a Worker that serves the page itself. */
const PREFIX = "/external";
/** The only thing that the page may do with the token. */
const LOOKUP = "/external/phone/enrichment/";

/** Lists, so that what nobody thought of (cookies above all) stays behind. */
const TO_SERVICE = ["content-type", "content-length", "accept"] as const;
const TO_PAGE = ["content-type", "content-length", "retry-after", "enrichment-charge"] as const;

/** What is known of the service, read at each request: a test or a person may set it late. */
interface Environment {
  SERVICE_URL?: string | undefined;
  SERVICE_TOKEN?: string | undefined;
}

/** Adds the way to the service to Vite's own servers, `vite` and `vite preview`. */
export function service(environment: Environment = process.env): Plugin {
  const forward: Connect.NextHandleFunction = (request, response) => pass(request, response, environment);
  return {
    name: "service",
    configureServer: ({ middlewares }) => void middlewares.use(PREFIX, forward),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(PREFIX, forward),
  };
}

function pass(request: IncomingMessage, response: ServerResponse, environment: Environment): void {
  if (PREFIX + request.url !== LOOKUP) return refuse(response, 404, "There is nothing at this address.");
  if (request.method !== "POST") return refuse(response, 405, "Only POST is understood here.", { allow: "POST" });
  if (!fromOwnPage(request)) return refuse(response, 403, "Only the page of this server may look people up.");

  const base = environment.SERVICE_URL;
  const target = base && URL.canParse(base) ? new URL(base.replace(/\/+$/, "") + LOOKUP) : null;
  if (target === null) return refuse(response, 502, "SERVICE_URL does not name a lookup service; nothing was sent.");

  const headers = picked(request, TO_SERVICE);
  if (environment.SERVICE_TOKEN) headers.authorization = `Token ${environment.SERVICE_TOKEN}`;
  // A connection of its own: one that was kept open may turn out dead, and then nobody knows whether a POST got through.
  const onward = (target.protocol === "https:" ? httpsRequest : httpRequest)(target, { method: "POST", headers, agent: false });

  onward.on("response", (reply) => {
    // To the visitor a key of this server's that is refused is no question of keys: nobody there has one to give.
    const status = reply.statusCode === 401 ? 403 : (reply.statusCode ?? 502);
    response.writeHead(status, { ...picked(reply, TO_PAGE), "cache-control": "no-store" });
    reply.pipe(response);
    // A reply that was cut off must look cut off to the page as well.
    reply.on("close", () => reply.complete || response.destroy());
  });
  onward.on("error", (error: NodeJS.ErrnoException) => {
    if (response.destroyed) return;
    if (response.headersSent) return void response.destroy();
    // Always an answer, never a dropped connection: browsers send a POST again by themselves when a connection that
    // they had used before ends without a reply, and a second lookup may cost a second time.
    const away = error.code === "ECONNREFUSED" || error.code === "ENOTFOUND" || error.code === "EAI_AGAIN";
    refuse(response, 502, away ? "The lookup service is not running; nothing reached it." : "The connection to the lookup service was lost before it answered.");
  });
  // Whoever cancels in the page cancels here: the service may have the request all the same.
  response.on("close", () => response.writableFinished || onward.destroy());
  request.on("aborted", () => onward.destroy());
  request.pipe(onward);
}

/** Another site can make a browser send a POST here, but can't make it hide where it comes from. */
function fromOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  const { origin } = headers;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host)) return false;
  // A form of another site can send text or fields, but JSON only after asking.
  return /^application\/json\b/.test(headers["content-type"] ?? "");
}

function picked<Name extends string>({ headers }: IncomingMessage, names: readonly Name[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : [])));
}

function refuse(response: ServerResponse, status: number, detail: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify({ detail }));
}
