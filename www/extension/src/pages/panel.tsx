// The panel: one card about whoever the tab shows, and everybody who was asked for before.
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { browser } from "wxt/browser";
import type { View } from "../messages.ts";
import type { Person } from "../people.ts";
import { isolated, say, sayOf, when, type Word } from "../words.ts";
import { again, payAgain, beside, clicked, erase, eraseAll, fresh, grant, history, look, lookup, person, readHistory, refused, search, tried, typed } from "./beside.ts";
import { table } from "./csv.ts";
import { keepFocus } from "./focus.ts";

/** What the panel can be in: each has a title. */
type State = "away" | "grant" | "page" | "broken" | "ready" | "looking" | "found" | "known" | "missing" | "doubt" | "empty" | "budget" | "signedout" | "offline" | "suppressed" | "failed" | "store";
type Profile = Extract<View, { kind: "profile" }>;

const openOptions = () => void browser.runtime.openOptionsPage();

/** A card: which state it is about, by name, by colour, and for whoever takes its picture. */
function Card({ state, tone = "plain", children }: { state: State; tone?: "plain" | "good" | "free" | "doubt" | "wrong"; children?: unknown }) {
  return (
    <section class={`card ${tone}`} data-state={state}>
      <h2 tabIndex={-1}>{say(`${state}.title`)}</h2>
      {children as JSX.Element}
    </section>
  );
}

const Button = ({ word, quiet, onClick, places = [] }: { word: Word; quiet?: boolean; onClick: (event: MouseEvent) => void; places?: (string | number)[] }) => (
  <button type="button" class={quiet ? "quiet" : ""} onClick={onClick}>
    {say(word, ...places)}
  </button>
);

/** The states that are not about a profile. */
function Elsewhere(): JSX.Element {
  const { value } = beside;
  switch (value.kind) {
    case "waiting":
      return <p aria-busy="true" />;
    case "away":
      return <Card state="away"><p>{say("away.text")}</p></Card>;
    case "grant":
      return <Card state="grant" tone="doubt"><p>{say("grant.text")}</p><Button word="grant.button" onClick={grant} /></Card>;
    case "page":
      return <Card state="page"><p>{sayOf("page", value.code, "page.other")}</p><p>{say("page.text")}</p></Card>;
    default:
      return <Card state="broken" tone="wrong"><p>{say("broken.text")}</p><Button word="again.button" onClick={() => void look()} /></Card>;
  }
}

function Copied({ text, word }: { text: string; word: Word }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <button type="button" class="quiet" aria-label={say(word)} onClick={() => void copy()}>
      <span aria-live="polite">{say(isCopied ? "copied" : "copy")}</span>
    </button>
  );
}

function Found({ asked }: { asked: Person }) {
  const isFresh = fresh.value === asked.lookup;
  const { phone = "", e164, email, collected, credits = 0 } = asked;
  return (
    <Card state={isFresh ? "found" : "known"} tone="good">
      <dl>
        <dt>{say("phone")}</dt>
        <dd>
          <strong class="phone"><bdi dir="ltr">{phone}</bdi></strong>
          <span class="row">
            <Copied text={phone} word="copy.phone" />
            <a class="button quiet" href={`tel:${e164 ?? phone.replaceAll(/[^\d+]/g, "")}`}>{say("call")}</a>
          </span>
        </dd>
        {email && (
          <>
            <dt>{say("email")}</dt>
            <dd><bdi dir="ltr">{email}</bdi> <Copied text={email} word="copy.email" /></dd>
          </>
        )}
      </dl>
      <p class="soft">{isFresh ? (credits ? say("found.paid", credits) : say("found.free")) : say("known.age", when(collected ?? asked.asked))}</p>
    </Card>
  );
}

/** What is wrong with what was typed, by its field. */
const wordFor = (field: string | null | undefined): Word | undefined => {
  if (field === undefined) return undefined;
  return field === "email" ? "wrong.email" : field?.startsWith("company") ? "wrong.company" : "wrong.name";
};

/** Another identifier, which the profile's address has not: the person at the panel knows it. */
function Next({ asked }: { asked: Person[] }) {
  const tried = new Set(asked.flatMap(({ request }) => Object.keys(request)));
  const ways = (["email", "name"] as const).filter((way) => !tried.has(way === "email" ? "email" : "last_name"));
  const wrong = wordFor(refused.value?.issues?.[0]?.field);
  const send = (way: "email" | "name") => (event: SubmitEvent) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Record<string, string>;
    typed.value = { ...typed.value, ...form };
    const { company = "", ...names } = form;
    void lookup(event, way === "email" ? { email: form.email! } : { ...names, [/^\S+\.\S+$/.test(company.trim()) ? "company_website" : "company_name"]: company });
  };
  if (!ways.length) return <p>{say("missing.none")}</p>;
  return (
    <>
      <p>{say("missing.text")}</p>
      <p role="alert" class="wrong-text">{wrong && say(wrong)}</p>
      {ways.includes("email") && (
        <form class="next" onSubmit={send("email")} aria-labelledby="next-email">
          <h3 id="next-email">{say("next.email")}</h3>
          <label>{say("field.email")}<input name="email" type="text" inputMode="email" dir="ltr" required maxLength={320} autoComplete="off" defaultValue={typed.value.email ?? ""} /></label>
          <button type="submit">{say("next.button")}</button>
        </form>
      )}
      {ways.includes("name") && (
        <form class="next" onSubmit={send("name")} aria-labelledby="next-name">
          <h3 id="next-name">{say("next.name")}</h3>
          <label>{say("field.first_name")}<input name="first_name" required maxLength={200} autoComplete="off" defaultValue={typed.value.first_name ?? ""} /></label>
          <label>{say("field.last_name")}<input name="last_name" required maxLength={200} autoComplete="off" defaultValue={typed.value.last_name ?? ""} /></label>
          <label>{say("field.company")}<input name="company" required maxLength={300} autoComplete="off" defaultValue={typed.value.company ?? ""} /></label>
          <button type="submit">{say("next.button")}</button>
        </form>
      )}
    </>
  );
}

function Doubt({ asked, way, price }: { asked: Person; way: Profile["way"]; price: number }) {
  const [isAccepted, accept] = useState(false);
  // Only when the Worker does not know either is there a reason to pay once more.
  const isLost = way === "token" || asked.inquired === true;
  return (
    <Card state="doubt" tone="doubt">
      <p>{say(way === "token" ? "doubt.text.token" : isLost ? "doubt.text.lost" : "doubt.text.worker")}</p>
      {way === "worker" && <Button word="doubt.button.worker" quiet={isLost} onClick={(event) => void again(event, asked)} />}
      {isLost && (
        <>
          <label class="check"><input type="checkbox" checked={isAccepted} onChange={({ currentTarget }) => accept(currentTarget.checked)} /> {say("doubt.accept", price)}</label>
          <button type="button" disabled={!isAccepted} onClick={(event) => void payAgain(event, asked)}>{say("doubt.button.token")}</button>
        </>
      )}
    </Card>
  );
}

const SetUp = ({ isRefused }: { isRefused?: boolean }) => (
  <Card state="signedout">
    <p>{say(isRefused ? "signedout.refused" : "signedout.text")}</p>
    <Button word="signedout.button" onClick={openOptions} />
  </Card>
);

const Budget = ({ until }: { until?: number | undefined }) => (
  <Card state="budget" tone="doubt">
    <p>{say("budget.text")} {until !== undefined && say("budget.until", when(until))}</p>
    <Button word="budget.change" quiet onClick={openOptions} />
  </Card>
);

/** The same again, by the same identifier. */
const tryAgain = <Button word="again.button" onClick={(event) => void lookup(event, tried.value)} />;
const Empty = ({ price }: { price: number }) => <Card state="empty" tone="wrong"><p>{say("empty.text", price)}</p>{tryAgain}</Card>;
const Offline = () => <Card state="offline"><p>{say("offline.text")}</p>{tryAgain}</Card>;
const Suppressed = () => <Card state="suppressed"><p>{say("suppressed.text")}</p></Card>;

/** Why a lookup ended without an answer, and free of charge. */
function Failed({ asked, price }: { asked: Person; price: number }) {
  switch (asked.code) {
    case "insufficient_credits":
      return <Empty price={price} />;
    case "rate_limited":
    case "budget_exceeded":
      return <Budget until={asked.until} />;
    case "invalid_token":
      return <SetUp isRefused />;
    case "suppressed":
      return <Suppressed />;
    case "store_failed":
      return <Card state="store" tone="wrong"><p>{say("store.text")}</p></Card>;
    default:
      return <Card state="failed" tone="wrong"><p>{say("failed.text", asked.code ?? "?")}</p>{tryAgain}</Card>;
  }
}

const Looking = () => <Card state="looking"><p class="busy" aria-busy="true">{say("looking.text")}</p></Card>;

const Ready = ({ price }: { price: number }) => (
  <Card state="ready">
    <p class="soft" id="price">{say("ready.price", price)}</p>
    <button type="button" class="main" aria-describedby="price" onClick={(event) => void lookup(event)}>{say("ready.button")}</button>
  </Card>
);

/** What there is to say about whoever the tab shows. */
function Standing({ view }: { view: Profile }): JSX.Element {
  const { asked, price, way, profile } = view;
  const now = person.value;
  if (clicked.value === profile || now?.state === "out") return <Looking />;
  const why = refused.value?.profile === profile ? refused.value : null;
  if (now?.state === "found") return <Found asked={now} />;
  const doubt = asked.find(({ state }) => state === "doubt");
  if (doubt) return <Doubt asked={doubt} way={way} price={price} />;
  if (!view.setUp || why?.refused === "set_up") return <SetUp />;
  if (why?.refused === "offline") return <Offline />;
  if (why?.refused === "budget") return <Budget until={why.until} />;
  if (why?.refused === "store") return <Card state="store" tone="wrong"><p>{say("store.text")}</p></Card>;
  if (now?.state === "not_found" || asked.some(({ state }) => state === "not_found"))
    return <Card state="missing" tone="free"><Next asked={asked} /></Card>;
  if (now?.state === "failed" && fresh.value === now.lookup) return <Failed asked={now} price={price} />;
  return <Ready price={price} />;
}

function Wallet({ view }: { view: Profile }) {
  const { credits, today, limit } = view.wallet;
  return (
    <p class="wallet soft">
      {credits !== null && <span>{say("wallet.left", credits)}</span>}
      <span>{limit === null ? say("wallet.today_unlimited", today) : say("wallet.today", today, limit)}</span>
    </p>
  );
}

/** Whatever changes is said to whoever can't see it. */
function Beside() {
  const { value } = beside;
  return (
    <div aria-live="polite">
      {value.kind === "profile" ? (
        <>
          <p class="who"><bdi>{value.who}</bdi></p>
          <Standing view={value} />
          <Wallet view={value} />
        </>
      ) : (
        <Elsewhere />
      )}
    </div>
  );
}

const nameOf = ({ profile, request }: Person) => request.email ?? (request.last_name ? `${request.first_name} ${request.last_name}` : decodeURIComponent(profile.slice(profile.lastIndexOf("/") + 1)));

function History() {
  const [isSure, setSure] = useState(false);
  const open = (event: Event) => void ((event.currentTarget as HTMLDetailsElement).open ? readHistory() : (history.value = null));
  const list = history.value;
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", table(list ?? [])], { type: "text/csv" }));
    link.download = "phone-numbers.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <details class="history" onToggle={open}>
      <summary>{say("history.title")}</summary>
      {list && (
        <>
          <input
            type="search"
            aria-label={say("history.search")}
            placeholder={say("history.search")}
            value={search.value}
            onInput={({ currentTarget }) => {
              search.value = currentTarget.value;
              void readHistory();
            }}
          />
          {list.length === 0 && <p class="soft">{say(search.value ? "history.nothing" : "history.none")}</p>}
          <ul>
            {list.map((one) => (
              <li key={one.key}>
                <span class="row">
                  <bdi class="name">{nameOf(one)}</bdi>
                  <button type="button" class="quiet" aria-label={say("history.erase_one", isolated(nameOf(one)))} onClick={() => void erase(one.key)}>{say("history.erase")}</button>
                </span>
                <span class="soft">
                  {one.phone ? <bdi dir="ltr">{one.phone}</bdi> : sayOf("state", one.state, "state.failed")} · {when(one.asked)}
                </span>
              </li>
            ))}
          </ul>
          {list.length > 0 && (
            <p class="row">
              <Button word="history.export" quiet onClick={download} />
              {isSure ? (
                <span class="row" role="group" tabIndex={-1} aria-label={say("history.erase_sure")}>
                  {say("history.erase_sure")}{" "}
                  <Button word="yes" onClick={() => { setSure(false); void eraseAll(); }} />
                  <Button word="no" quiet onClick={() => setSure(false)} />
                </span>
              ) : (
                <Button word="history.erase_all" quiet onClick={() => setSure(true)} />
              )}
            </p>
          )}
        </>
      )}
    </details>
  );
}

export const Panel = () => (
  <main class="panel" ref={keepFocus}>
    <h1 class="unseen">{say("title")}</h1>
    <Beside />
    <History />
    <p><Button word="options.link" quiet onClick={openOptions} /></p>
  </main>
);
