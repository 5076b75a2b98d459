import "./list.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Plan } from "phone-enrichment/lists";
import { KeyForm } from "../access.tsx";
import { endingOf, words } from "../words.ts";
import type { Target } from "./book.ts";
import { Exports } from "./exports.tsx";
import { Figures } from "./figures.tsx";
import { History } from "./history.tsx";
import { choose, correct, DEFAULT_CONCURRENCY, discard, eraseAll, isTrouble, list, listStage, lookAgain, mostCredits, pause, people, plan, progress, reopen, replanning, reread, resume, retry, rows, running, start, stop, sums, trouble, unplanned, type PageTrouble } from "./run.ts";
import { ReadingOf } from "./reading.tsx";
import { Rows } from "./table.tsx";
import type { PartText } from "./words/en.ts";
import { listTroubleText, listWords, rowIssueText } from "./words.ts";

export function ListView() {
  const says = listWords.value;
  const stage = listStage.value;

  useEffect(() => {
    if (stage.name === "opening") void reopen();
  }, []);

  return (
    <main class="list">
      <section class="ask" aria-labelledby="list-title">
        <h1 id="list-title">{says.title}</h1>
        <p class="lede">{says.lede}</p>
      </section>
      <Trouble />
      <WantedKey />
      {stage.name === "none" && (
        <>
          <Choose />
          <History />
        </>
      )}
      {stage.name === "reading" && <Reading done={stage.progress?.done ?? 0} total={stage.progress?.total ?? null} />}
      {stage.name === "planned" && plan.value && (
        <>
          {!unplanned.value && <Numbers plan={plan.value} />}
          {!unplanned.value && <Start />}
          <Columns plan={plan.value} />
          {!unplanned.value && <Rows />}
        </>
      )}
      {stage.name === "begun" && plan.value && (
        <>
          <RunPanel />
          <Figures />
          <Rows />
        </>
      )}
    </main>
  );
}

/** A title that takes the focus when its step appears and what had it is gone, so that nobody has to look for it. */
function StepTitle({ id, look = "", children }: { id: string; look?: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <h2 id={id} class={look} ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}

function WantedKey() {
  const error = trouble.value;
  if (!isTrouble(error) || error.code !== "invalid_token") return null;
  return (
    <section class="card" aria-label={words.value.access.label}>
      <KeyForm done={() => (trouble.value = null)} />
    </section>
  );
}

const isPageTrouble = (error: unknown): error is PageTrouble => typeof error === "string" && error in listWords.value.troubles;

function Trouble() {
  const says = listWords.value;
  const error = trouble.value;
  return (
    <div role="alert">
      {error !== null && (
        <div class="summary">
          {isPageTrouble(error) ? (
            <>
              <h2>{says.troubles[error].title}</h2>
              <p>{says.troubles[error].what}</p>
            </>
          ) : isTrouble(error) && error.code === "budget_exceeded" ? (
            <>
              <h2>{says.limitReached}</h2>
              <p>{says.limitReachedSays}</p>
            </>
          ) : isTrouble(error) ? (
            <>
              <h2>{unplanned.value ? says.whichColumns : endingOf(error).title}</h2>
              <p>{error.code === "invalid_list" ? listTroubleText(error) : `${endingOf(error).what} ${endingOf(error).next}`}</p>
            </>
          ) : (
            <>
              <h2>{says.broken}</h2>
              <p lang="en">{String((error as Error)?.message ?? error)}</p>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Choose() {
  const { choose: says } = listWords.value;
  const over = useSignal(false);
  const text = useSignal("");
  return (
    <section class="sheet choose" aria-labelledby="choose-title">
      <div class="card-top">
        <StepTitle id="choose-title">{says.title}</StepTitle>
        <a class="small" href="#help-list">
          {says.help}
        </a>
      </div>
      <div
        class={`drop ${over.value ? "over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => (over.value = false)}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          const file = event.dataTransfer?.files[0];
          if (file) void choose(file, file.name);
        }}
      >
        <label for="file">{says.file}</label>
        {/* What the browser writes on its own button is in the browser's language; it lies unseen over all of this. */}
        <span class="button" aria-hidden="true">
          {says.pick}
        </span>
        <input
          id="file"
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void choose(file, file.name);
          }}
        />
      </div>
      <p class="or">{says.or}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.value.trim()) void choose(new Blob([text.value]), says.pasted);
        }}
      >
        <label for="paste">{says.paste}</label>
        <textarea id="paste" rows={6} spellcheck={false} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
        <button type="submit">{says.read}</button>
      </form>
      <EraseAll />
    </section>
  );
}

function Reading({ done, total }: { done: number; total: number | null }) {
  const says = listWords.value;
  return (
    <section class="card" aria-labelledby="reading-title" aria-busy="true">
      <h2 id="reading-title" class="working">
        <span class="spinner" aria-hidden="true" />
        {says.atWork}
      </h2>
      <progress aria-labelledby="reading-title" max={total || 1} value={total && done < total ? done : undefined} />
      {total !== null && done >= total && <p class="small">{says.atWorkKnown}</p>}
      <button type="button" onClick={discard}>
        {says.giveUp}
      </button>
    </section>
  );
}

type Part = [look: string, text: PartText, count: number];

/** What an issue is called, by its code: the rows that have it say it. */
function issueNamed(code: string): string {
  const issue = rows.value.find(({ issues }) => issues.some((issue) => issue.code === code))?.issues.find((issue) => issue.code === code);
  return issue ? rowIssueText(issue) : code;
}

function Numbers({ plan }: { plan: Plan }) {
  const { plan: says } = listWords.value;
  const { credits } = words.value;
  const toAsk = plan.people - plan.known - plan.unknown - plan.suppressed;
  const { unique, known, doubt, duplicate, invalid, rest } = says.parts;
  const parts: Part[] = [
    ["unique", unique, toAsk],
    ["known", known, plan.known],
    ["doubt", doubt, plan.unknown],
    ["duplicate", duplicate, plan.duplicates],
    ["invalid", invalid, plan.invalid],
    ["rest", rest, plan.blank + plan.suppressed],
  ];
  const issues = Object.entries(plan.issues).map(([code, count]): [string, number] => [issueNamed(code), count]);
  return (
    <section class="card" aria-labelledby="plan-title">
      <div class="card-top">
        <StepTitle id="plan-title">
          {says.title(plan.rows, plan.people)}
        </StepTitle>
        <p role="status">
          {replanning.value ? says.replanning : says.most(<strong>{credits(mostCredits.value)}</strong>)}
        </p>
      </div>
      <p class="small">{says.read(list.value?.name ?? "", plan.layout, plan.delimiter, plan.encoding, plan.header)}</p>
      <Counts parts={parts} total={plan.rows} />
      <p class="small">
        {says.price(plan.price)} {issues.length > 0 && says.wrong(issues)}
      </p>
    </section>
  );
}

function Bar({ parts, total }: { parts: Part[]; total: number }) {
  let x = 0;
  return (
    <svg class="bar" viewBox="0 0 1000 24" preserveAspectRatio="none" role="img" aria-label={listWords.value.plan.bar(parts.flatMap(([, [label], count]) => (count > 0 ? [[label, count]] : [])))}>
      {parts.map(([look, , count]) => {
        const width = total ? (count / total) * 1000 : 0;
        const from = x;
        x += width;
        return width > 0 && <rect key={look} class={`part ${look}`} x={from} width={width} height={24} />;
      })}
    </svg>
  );
}

/** The parts as a picture, and as numbers with the same signs. */
const Counts = ({ parts, total }: { parts: Part[]; total: number }) => (
  <>
    <Bar parts={parts} total={total} />
    <dl class="counts">
      {parts.map(([look, [label, says], count]) => (
        <div key={look} data-part={look}>
          <dt>
            <svg width="12" height="12" aria-hidden="true">
              <rect class={`part ${look}`} width="12" height="12" rx="2" />
            </svg>
            {label}
          </dt>
          <dd>
            <strong>{words.value.number(count)}</strong> {says && <span class="small">{says}</span>}
          </dd>
        </div>
      ))}
    </dl>
  </>
);

/** What was typed as a limit: nothing is none, and what is no whole number of credits is not taken. */
function limitOf(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const credits = Number(text);
  return Number.isSafeInteger(credits) && credits >= 1 && credits <= 0xffff_ffff ? credits : undefined;
}

/** The most that it can cost anyway: whoever wants less writes less. */
const proposed = () => (mostCredits.value > 0 ? String(mostCredits.value) : "");

function Start({ again = false }: { again?: boolean }) {
  const { start: says, another } = listWords.value;
  const now = plan.value!;
  const left = sums.value.left;
  const most = again ? left * now.price : mostCredits.value;
  const text = useSignal(again ? (list.value!.limit === null ? "" : String(list.value!.limit)) : proposed());
  const at = useSignal(String(list.value?.concurrency ?? DEFAULT_CONCURRENCY));
  const limit = limitOf(text.value);
  const concurrency = Number(at.value);
  const isGood = limit !== undefined && concurrency >= 1 && concurrency <= 50 && concurrency % 1 === 0;
  const nobody = again ? left === 0 : people.value.length === 0;

  // A corrected column changes the most that it can cost, and with it what is proposed.
  useEffect(() => {
    if (!again) text.value = proposed();
  }, [now]);

  return (
    <form
      class="sheet start"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isGood && !nobody) void start(limit, concurrency);
      }}
    >
      <div class="field">
        <label for="limit">{again ? says.mostAgain : says.most}</label>
        <input id="limit" type="text" inputMode="numeric" autocomplete="off" value={text.value} aria-invalid={limit === undefined} aria-describedby="limit-says" onInput={(event) => (text.value = event.currentTarget.value)} />
        <p id="limit-says" class="small">
          {limit === undefined ? <strong class="wrong">{says.wrongLimit}</strong> : limit === null ? says.noLimit : says.limit}
        </p>
      </div>
      <div class="field">
        <label for="at-once">{says.atOnce}</label>
        <input id="at-once" type="text" inputMode="numeric" autocomplete="off" value={at.value} aria-describedby="at-once-says" onInput={(event) => (at.value = event.currentTarget.value)} />
        <p id="at-once-says" class="small">
          {says.atOnceSays}
        </p>
      </div>
      {!again && (
        <div class="ladder">
          <label class="check">
            <input type="checkbox" checked={!!list.value?.reading.ladder} aria-describedby="ladder-says" onChange={(event) => void reread({ ladder: event.currentTarget.checked })} />
            {says.ladder}
          </label>
          <p id="ladder-says" class="small">
            {says.ladderSays}
          </p>
        </div>
      )}
      <button type="submit" class="primary" aria-disabled={!isGood || nobody || replanning.value}>
        {nobody ? says.nobody : (again ? says.goOn : says.start)(Math.min(most, limit ?? most))}
      </button>
      {!again && (
        <button type="button" onClick={discard}>
          {another}
        </button>
      )}
      <a class="small" href="#help-run">
        {says.help}
      </a>
    </form>
  );
}

function Columns({ plan }: { plan: Plan }) {
  const { columns: says, another, targets, why: whyText } = listWords.value;
  return (
    <section class="card" aria-labelledby="columns-title">
      <StepTitle id="columns-title">{says.title}</StepTitle>
      <p class="small">{unplanned.value ? says.unplanned : says.planned}</p>
      {unplanned.value && (
        <button type="button" onClick={discard}>
          {another}
        </button>
      )}
      <ReadingOf plan={plan} />
      <ul class="columns">
        {plan.columns.map((column, place) => {
          const { header, values } = column;
          const chosen = list.value?.columns[place];
          const field = chosen !== undefined ? chosen : unplanned.value ? null : column.field;
          const why = chosen !== undefined ? "caller" : unplanned.value ? "unknown" : column.why;
          return (
            <li key={place} class={field === null ? "ignored" : ""}>
              <div>
                <label for={`column-${place}`}>{header || says.column(place + 1)}</label>
                <p class="small cut">{values.filter(Boolean).join(" · ") || says.noValues}</p>
              </div>
              <div>
                <select id={`column-${place}`} value={field ?? ""} aria-describedby={`why-${place}`} onChange={(event) => void correct(place, (event.currentTarget.value || null) as Target)}>
                  <option value="">{says.ignored}</option>
                  {Object.entries(targets).map(([value, label]) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </select>
                <p class="small" id={`why-${place}`}>
                  {whyText[why]}
                </p>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function RunPanel() {
  const { run: says, another } = listWords.value;
  const { credits } = words.value;
  const state = running.value;
  const now = progress.value;
  const sum = sums.value;
  const all = people.value.length;
  const done = all - sum.left;
  const title = says.titles[state === "no" ? (sum.left > 0 ? "stopped" : "done") : state];
  const { found, unique, doubt, invalid, rest } = says.parts;
  const parts: Part[] = [
    ["found", found, sum.found],
    ["unique", unique, sum.notFound],
    ["doubt", doubt, sum.doubt],
    ["invalid", invalid, sum.failed],
    ["rest", rest, sum.left],
  ];
  return (
    <>
      <section class="card" aria-labelledby="run-title" aria-busy={state === "yes"}>
        <div class="card-top">
          <StepTitle id="run-title" look={state === "yes" ? "working" : ""}>
            {state === "yes" && <span class="spinner" aria-hidden="true" />}
            {title}
          </StepTitle>
          <p>
            {says.charged(<strong id="spent">{credits(sum.spent)}</strong>)}
          </p>
        </div>
        <p>
          {says.progress(done, all, state === "yes" ? (now?.eta ?? null) : null, (state !== "no" && now?.reserved) || 0, state === "no" ? null : list.value!.limit)}
        </p>
        <p class="unseen" role="status">
          {title}
        </p>
        <Counts parts={parts} total={all} />
        <a class="small" href="#help-states">
          {says.help}
        </a>
        {sum.found * plan.value!.price > sum.spent && (
          <p class="small">{says.known}</p>
        )}
        {state === "no" && sum.doubt > 0 && (
          <p class="again unknown">
            {says.doubt(sum.doubt)}
          </p>
        )}
        <div class="actions">
          {state === "yes" && (
            <button type="button" onClick={pause}>
              {says.pause}
            </button>
          )}
          {state === "paused" && (
            <button type="button" onClick={resume}>
              {says.resume}
            </button>
          )}
          {(state === "yes" || state === "paused") && (
            <button type="button" onClick={stop}>
              {says.stop}
            </button>
          )}
          {state === "no" && sum.doubt > 0 && (
            <button type="button" onClick={() => void lookAgain()}>
              {says.lookAgain}
            </button>
          )}
          {state === "no" && sum.retry > 0 && (
            <button type="button" onClick={() => void retry()}>
              {says.retry(sum.retry, sum.retry * plan.value!.price)}
            </button>
          )}
          {state === "no" && (
            <button type="button" onClick={discard}>
              {another}
            </button>
          )}
        </div>
        <Exports />
        {state === "no" && <EraseAll />}
      </section>
      {state === "no" && sum.left > 0 && <Start again />}
    </>
  );
}

/** Asks first: whoever is forgotten costs again. */
function EraseAll() {
  const { erase: says } = listWords.value;
  const asked = useSignal(false);
  return (
    <div class="actions erase">
      {asked.value ? (
        <>
          <p class="small">{says.says}</p>
          <button type="button" onClick={() => void eraseAll().then(() => (asked.value = false))}>
            {says.yes}
          </button>
          <button type="button" onClick={() => (asked.value = false)}>
            {says.no}
          </button>
        </>
      ) : (
        <button type="button" onClick={() => (asked.value = true)}>
          {says.erase}
        </button>
      )}
    </div>
  );
}
