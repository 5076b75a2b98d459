// What is set: where lookups go, what they may cost, what is kept. What is read is judged again, and old shapes are brought up
// to date one version at a time.
import * as v from "valibot";
import { browser } from "wxt/browser";

/** Languages that the extension speaks; `auto` is the browser's. */
export const LANGUAGES = ["auto", "en", "de", "ar"] as const;

const VERSION = 2;
const NAME = "settings";
/** Where the vendor's own token lies, if somebody chose to do without a Worker. */
const TOKEN = "token";

const Settings = v.object({
  version: v.literal(VERSION),
  /** Through one's own Worker, or with the vendor's token in this browser. */
  way: v.picklist(["worker", "token"]),
  worker: v.object({ address: v.pipe(v.string(), v.maxLength(2048)), key: v.pipe(v.string(), v.maxLength(512)) }),
  /** Whether the token outlives the browser's session. */
  rememberToken: v.boolean(),
  /** Credits within any 24 hours; `null` is no limit. */
  dailyBudget: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000))),
  /** Days that answers are kept, 0 to 150. */
  retentionDays: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(150)),
  /** LinkedIn addresses and e-mails of people who are never asked for. */
  suppressed: v.array(v.pipe(v.string(), v.maxLength(2048))),
  language: v.picklist(LANGUAGES),
});
export type Settings = v.InferOutput<typeof Settings>;

export const DEFAULTS: Settings = {
  version: VERSION,
  way: "worker",
  worker: { address: "", key: "" },
  rememberToken: false,
  dailyBudget: 100,
  retentionDays: 30,
  suppressed: [],
  language: "auto",
};

/** What brings each version to the next. */
export const MIGRATIONS: Record<number, (old: Record<string, any>) => Record<string, unknown>> = {
  // Before there was a language to choose, and when the Worker was two settings.
  1: ({ workerAddress = "", workerKey = "", ...rest }) => ({ ...rest, worker: { address: workerAddress, key: workerKey }, language: "auto" }),
};

/** The settings in whatever was stored; the defaults for what can't be read. */
export function settingsIn(stored: unknown): Settings {
  let known = typeof stored === "object" && stored !== null ? (stored as Record<string, any>) : {};
  for (let version = Number(known.version); MIGRATIONS[version]; version++) known = { ...MIGRATIONS[version]!(known), version: version + 1 };
  const whole = v.safeParse(Settings, known);
  if (whole.success) return whole.output;
  // One setting that can't be read does not take the others along.
  const entries = Object.entries(Settings.entries).map(([name, schema]) => {
    const one = v.safeParse(schema, known[name]);
    return [name, one.success ? one.output : DEFAULTS[name as keyof Settings]];
  });
  return Object.fromEntries(entries);
}

export const readSettings = async (): Promise<Settings> => settingsIn((await browser.storage.local.get(NAME))[NAME]);
export const writeSettings = (settings: Settings): Promise<void> => browser.storage.local.set({ [NAME]: settings });

/** Hears of settings that were changed, in any page. */
export const onSettings = (heard: () => void): void => browser.storage.onChanged.addListener((changes) => void ((NAME in changes || TOKEN in changes) && heard()));

/** Whether the browser keeps what is remembered from content scripts; without it a token is not remembered. */
export const canRemember = (): boolean => "setAccessLevel" in browser.storage.local;

const areaOf = (remember: boolean) => (remember ? browser.storage.local : browser.storage.session);

export async function readToken({ rememberToken }: Settings): Promise<string> {
  const token = (await areaOf(rememberToken).get(TOKEN))[TOKEN];
  return typeof token === "string" ? token : "";
}

/** Keeps the token for this session, or beyond it; nowhere else is it left. */
export async function writeToken(token: string, remember: boolean): Promise<void> {
  if (remember && !canRemember()) throw new TypeError("this browser can't keep a token from content scripts");
  await areaOf(!remember).remove(TOKEN);
  await areaOf(remember).set({ [TOKEN]: token });
}

/** What is stored is for the extension's own pages alone, wherever the browser can be told so. */
export async function shutOutScripts(): Promise<void> {
  for (const area of [browser.storage.local, browser.storage.session] as { setAccessLevel?: (level: { accessLevel: string }) => Promise<void> }[])
    await area.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });
}

/** The origin of a Worker's address, if lookups may go there: nothing is ever sent in clear text, but within this machine. */
export function workerOrigin(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, username, password } = new URL(address);
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  return (protocol === "https:" || (protocol === "http:" && isHere)) && !username && !password ? address.replace(/\/+$/, "") : undefined;
}
