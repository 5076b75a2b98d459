// The options: where lookups go, what they may cost, what is kept.
import { checkRequest } from "phone-enrichment";
import { useEffect, useState } from "preact/hooks";
import { browser } from "wxt/browser";
import { ask } from "../messages.ts";
import { canRemember, LANGUAGES, readSettings, readToken, writeSettings, writeToken, type Settings } from "../settings.ts";
import { say, speak } from "../words.ts";
import { Connection } from "./connection.tsx";
import { keepFocus } from "./focus.ts";

/** What each language calls itself. */
const NAMES: Record<string, string> = { en: "English", de: "Deutsch", ar: "العربية" };
const VENDOR = { origins: ["https://app.ecoreservice.com/*"] };

/** The first line that names nobody, from 1. */
async function wrongLine(lines: string[]): Promise<number | undefined> {
  for (const [index, line] of lines.entries()) {
    const verdicts = await Promise.all([checkRequest({ linkedin_url: line }), checkRequest({ email: line })]);
    if (!verdicts.some(({ ok }) => ok)) return index + 1;
  }
  return undefined;
}

function Token({ settings, save }: { settings: Settings; save: (changed: Partial<Settings>) => Promise<void> }) {
  const [token, setToken] = useState("");
  const [isKept, setKept] = useState(false);
  useEffect(() => void readToken(settings).then((kept) => setKept(kept !== "")), [settings.rememberToken]);
  const keep = async (event: SubmitEvent) => {
    event.preventDefault();
    // The browser asks the person; the vendor may not let a page in otherwise.
    await browser.permissions.request(VENDOR);
    await writeToken(token.trim(), settings.rememberToken);
    await save({ way: "token" });
    setToken("");
    setKept(token.trim() !== "");
  };
  return (
    <form onSubmit={(event) => void keep(event)}>
      <p class="risk">{say("options.token.risk")}</p>
      <label>{say("options.token")}<input type="password" dir="ltr" required maxLength={512} autoComplete="off" value={token} onInput={({ currentTarget }) => setToken(currentTarget.value)} /></label>
      <label class="check">
        <input type="checkbox" disabled={!canRemember()} checked={settings.rememberToken} onChange={({ currentTarget }) => void save({ rememberToken: currentTarget.checked })} /> {say("options.token.remember")}
      </label>
      {!canRemember() && <p class="soft">{say("options.token.cant_remember")}</p>}
      <button type="submit">{say("options.save")}</button>
      <p role="status" class="soft">{isKept && say("options.token.kept")}</p>
    </form>
  );
}

export function Options() {
  const [settings, setSettings] = useState<Settings | null>(null);
  const [suppressed, setSuppressed] = useState("");
  const [says, setSays] = useState("");
  const [problem, setProblem] = useState("");
  useEffect(() => {
    void readSettings().then((read) => {
      setSettings(read);
      setSuppressed(read.suppressed.join("\n"));
    });
  }, []);
  if (!settings) return null;
  const save = async (changed: Partial<Settings>) => {
    // What another page saved meanwhile stays.
    const now = { ...(await readSettings()), ...changed };
    await writeSettings(now);
    setSettings(now);
    speak(now.language);
  };
  const saveAll = async (event: SubmitEvent) => {
    event.preventDefault();
    setSays("");
    setProblem("");
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const lines = suppressed.split("\n").map((line) => line.trim()).filter(Boolean);
    const wrong = await wrongLine(lines);
    if (wrong !== undefined) return setProblem(say("options.suppressed.wrong", wrong));
    const budget = String(form.get("budget") ?? "");
    await save({
      dailyBudget: budget === "" ? null : Number(budget),
      retentionDays: Number(form.get("retention")),
      language: form.get("language") as Settings["language"],
      suppressed: lines,
    });
    setSays(say("options.saved"));
  };
  const ways = (["worker", "token"] as const).map((way) => (
    <label class="check" key={way}>
      <input type="radio" name="way" checked={settings.way === way} onChange={() => void save({ way })} /> {say(`options.way.${way}`)}
    </label>
  ));
  return (
    <main class="page" ref={keepFocus}>
      <h1>{say("options.title")}</h1>
      <section class="card">
        <fieldset><legend>{say("options.way")}</legend>{ways}</fieldset>
        {settings.way === "worker" ? <Connection /> : <Token settings={settings} save={save} />}
      </section>
      <section class="card">
        <form onSubmit={(event) => void saveAll(event)}>
          <label>{say("options.budget")}<input name="budget" type="number" min={0} max={1_000_000} step={1} placeholder={say("options.budget.none")} defaultValue={settings.dailyBudget === null ? "" : String(settings.dailyBudget)} /></label>
          <label>{say("options.retention")}<input name="retention" type="number" required min={0} max={150} step={1} defaultValue={String(settings.retentionDays)} /></label>
          <label>{say("options.suppressed")}<textarea rows={4} dir="ltr" value={suppressed} aria-describedby="suppressed-wrong" aria-invalid={problem !== ""} onInput={({ currentTarget }) => setSuppressed(currentTarget.value)} /></label>
          <p id="suppressed-wrong" class="wrong-text" role="status">{problem}</p>
          <label>
            {say("options.language")}
            <select name="language" defaultValue={settings.language}>
              {LANGUAGES.map((language) => <option key={language} value={language} selected={language === settings.language}>{NAMES[language] ?? say("options.language.auto")}</option>)}
            </select>
          </label>
          <button type="submit">{say("options.save")}</button>
          <p role="status" class="good-text">{says}</p>
        </form>
      </section>
      <section class="card">
        <EraseAll />
      </section>
    </main>
  );
}

function EraseAll() {
  const [stage, setStage] = useState<"idle" | "sure" | "done">("idle");
  const erase = async () => {
    await ask<"erase all">({ kind: "erase all" });
    setStage("done");
  };
  return stage === "sure" ? (
    <p class="row" role="group" tabIndex={-1} aria-label={say("history.erase_sure")}>
      {say("history.erase_sure")} <button type="button" onClick={() => void erase()}>{say("yes")}</button>
      <button type="button" class="quiet" onClick={() => setStage("idle")}>{say("no")}</button>
    </p>
  ) : (
    <>
      <button type="button" class="quiet" onClick={() => setStage("sure")}>{say("options.erase")}</button>
      <p role="status" class="good-text">{stage === "done" && say("options.erased")}</p>
    </>
  );
}
