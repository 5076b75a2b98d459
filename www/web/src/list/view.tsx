import "./list.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Plan } from "phone-enrichment/lists";
import { creditsText, endingOf, waitText } from "../words.ts";
import type { Target } from "./book.ts";
import { Exports } from "./exports.tsx";
import { Figures } from "./figures.tsx";
import { choose, correct, DEFAULT_CONCURRENCY, discard, eraseAll, isTrouble, list, listStage, lookAgain, pause, people, plan, progress, reopen, replanning, resume, retry, running, start, stop, sums, trouble, unplanned } from "./run.ts";
import { Rows } from "./table.tsx";
import { countText, DELIMITERS, listTroubleText, peopleText, rowsText, TARGETS, WHY } from "./words.ts";

export function ListView() {
  const stage = listStage.value;

  useEffect(() => {
    if (stage.name === "opening") void reopen();
  }, []);

  return (
    <main class="list">
      <section class="ask" aria-labelledby="list-title">
        <h1 id="list-title">Find the phone numbers of a list</h1>
        <p class="lede">The list is read and counted here, for free. Nothing leaves this page before you press start, and you see first what it can cost at most.</p>
      </section>
      <Trouble />
      {stage.name === "none" && <Choose />}
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

function Trouble() {
  const error = trouble.value;
  return (
    <div role="alert">
      {error !== null && (
        <div class="summary">
          {isTrouble(error) && error.code === "budget_exceeded" ? (
            <>
              <h2>The limit is reached</h2>
              <p>The run stopped before it would have spent more. What was found is kept; with another limit it goes on.</p>
            </>
          ) : isTrouble(error) ? (
            <>
              <h2>{unplanned.value ? "Which columns name a person?" : endingOf(error).title}</h2>
              <p>{error.code === "invalid_list" ? listTroubleText(error) : `${endingOf(error).what} ${endingOf(error).next}`}</p>
            </>
          ) : (
            <>
              <h2>Something went wrong</h2>
              <p>{String((error as Error)?.message ?? error)}</p>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Choose() {
  const over = useSignal(false);
  const text = useSignal("");
  return (
    <section class="sheet choose" aria-labelledby="choose-title">
      <StepTitle id="choose-title">Choose a list</StepTitle>
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
        <label for="file">Drop a CSV file here, or choose one</label>
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
      <p class="or">or</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.value.trim()) void choose(new Blob([text.value]), "Pasted list");
        }}
      >
        <label for="paste">Paste it, with the line of headers</label>
        <textarea id="paste" rows={6} spellcheck={false} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
        <button type="submit">Read the pasted list</button>
      </form>
      <EraseAll />
    </section>
  );
}

function Reading({ done, total }: { done: number; total: number | null }) {
  return (
    <section class="card" aria-labelledby="reading-title" aria-busy="true">
      <h2 id="reading-title" class="working">
        <span class="spinner" aria-hidden="true" />
        Reading the list
      </h2>
      <progress aria-labelledby="reading-title" max={total || 1} value={total && done < total ? done : undefined} />
      {total !== null && done >= total && <p class="small">It is read; now the page looks for whom it knows already.</p>}
      <button type="button" onClick={discard}>
        Give up
      </button>
    </section>
  );
}

type Part = [look: string, label: string, count: number, says: string];

function Numbers({ plan }: { plan: Plan }) {
  const toAsk = plan.people - plan.known - plan.unknown - plan.suppressed;
  const parts: Part[] = [
    ["unique", "To look up", toAsk, "each once"],
    ["known", "Known", plan.known, "from before, free"],
    ["doubt", "May have been charged", plan.unknown, "before; not asked again"],
    ["duplicate", "Duplicates", plan.duplicates, "of another row, never sent"],
    ["invalid", "Invalid", plan.invalid, "not sent; see the rows"],
    ["rest", "Blank or suppressed", plan.blank + plan.suppressed, "not sent"],
  ];
  const issues = Object.entries(plan.issues);
  return (
    <section class="card" aria-labelledby="plan-title">
      <div class="card-top">
        <StepTitle id="plan-title">
          {rowsText(plan.rows)}, {peopleText(plan.people)}
        </StepTitle>
        <p role="status">
          {replanning.value ? "Planning anew" : "At most "}
          {!replanning.value && <strong>{creditsText(plan.most_credits)}</strong>}
        </p>
      </div>
      <p class="small">
        {list.value?.name}
        {plan.layout && `, as ${plan.layout} writes it`}. {DELIMITERS[plan.delimiter] ? `Separated by ${DELIMITERS[plan.delimiter]}s, ` : ""}
        {plan.encoding}, {plan.header === null ? "without a header" : `header in record ${plan.header}`}.
      </p>
      <Counts parts={parts} total={plan.rows} />
      <p class="small">
        {creditsText(plan.price)} for each person who is found, nothing for others.
        {issues.length > 0 && ` What is wrong with rows: ${issues.map(([code, count]) => `${code.replaceAll("_", " ")} ${countText(count)}`).join(", ")}.`}
      </p>
    </section>
  );
}

function Bar({ parts, total }: { parts: Part[]; total: number }) {
  let x = 0;
  return (
    <svg class="bar" viewBox="0 0 1000 24" preserveAspectRatio="none" role="img" aria-label={parts.filter(([, , count]) => count > 0).map(([, label, count]) => `${label}: ${countText(count)}`).join(", ")}>
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
      {parts.map(([look, label, count, says]) => (
        <div key={look} data-part={look}>
          <dt>
            <svg width="12" height="12" aria-hidden="true">
              <rect class={`part ${look}`} width="12" height="12" rx="2" />
            </svg>
            {label}
          </dt>
          <dd>
            <strong>{countText(count)}</strong> {says && <span class="small">{says}</span>}
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
const proposed = ({ most_credits }: Plan) => (most_credits > 0 ? String(most_credits) : "");

function Start({ again = false }: { again?: boolean }) {
  const now = plan.value!;
  const left = sums.value.left;
  const most = again ? left * now.price : now.most_credits;
  const text = useSignal(again ? (list.value!.limit === null ? "" : String(list.value!.limit)) : proposed(now));
  const at = useSignal(String(list.value?.concurrency ?? DEFAULT_CONCURRENCY));
  const limit = limitOf(text.value);
  const concurrency = Number(at.value);
  const isGood = limit !== undefined && concurrency >= 1 && concurrency <= 50 && concurrency % 1 === 0;
  const nobody = again ? left === 0 : people.value.length === 0;

  // A corrected column changes the most that it can cost, and with it what is proposed.
  useEffect(() => {
    if (!again) text.value = proposed(now);
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
        <label for="limit">{again ? "Spend at most, from now on" : "Spend at most"}</label>
        <input id="limit" type="text" inputMode="numeric" autocomplete="off" value={text.value} aria-invalid={limit === undefined} aria-describedby="limit-says" onInput={(event) => (text.value = event.currentTarget.value)} />
        <p id="limit-says" class="small">
          {limit === undefined ? <strong class="wrong">Write a whole number of credits from 1, or nothing for no limit.</strong> : limit === null ? "Credits. No limit is set." : "Credits. The run stops before it would spend more."}
        </p>
      </div>
      <div class="field">
        <label for="at-once">At once</label>
        <input id="at-once" type="text" inputMode="numeric" autocomplete="off" value={at.value} aria-describedby="at-once-says" onInput={(event) => (at.value = event.currentTarget.value)} />
        <p id="at-once-says" class="small">
          1 to 50 lookups
        </p>
      </div>
      <button type="submit" class="primary" aria-disabled={!isGood || nobody || replanning.value}>
        {nobody ? "Nobody to look up" : again ? `Go on – ${creditsText(Math.min(most, limit ?? most))} at most` : `Start – ${creditsText(Math.min(most, limit ?? most))} at most`}
      </button>
      {!again && (
        <button type="button" onClick={discard}>
          Another list
        </button>
      )}
    </form>
  );
}

function Columns({ plan }: { plan: Plan }) {
  return (
    <section class="card" aria-labelledby="columns-title">
      <StepTitle id="columns-title">Columns</StepTitle>
      <p class="small">{unplanned.value ? "Say what the columns hold; then the list is planned, and still nothing is sent." : "What is wrong can be corrected; the plan is then made anew, and still nothing is sent."}</p>
      {unplanned.value && (
        <button type="button" onClick={discard}>
          Another list
        </button>
      )}
      <ul class="columns">
        {plan.columns.map((column, place) => {
          const { header, values } = column;
          const chosen = list.value?.columns[place];
          const field = chosen !== undefined ? chosen : unplanned.value ? null : column.field;
          const why = chosen !== undefined ? "caller" : unplanned.value ? "unknown" : column.why;
          return (
            <li key={place} class={field === null ? "ignored" : ""}>
              <div>
                <label for={`column-${place}`}>{header || `Column ${place + 1}`}</label>
                <p class="small cut">{values.filter(Boolean).join(" · ") || "No values"}</p>
              </div>
              <div>
                <select id={`column-${place}`} value={field ?? ""} aria-describedby={`why-${place}`} onChange={(event) => void correct(place, (event.currentTarget.value || null) as Target)}>
                  <option value="">Ignored</option>
                  {TARGETS.map(([value, label]) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </select>
                <p class="small" id={`why-${place}`}>
                  {WHY[why]}
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
  const state = running.value;
  const now = progress.value;
  const sum = sums.value;
  const all = people.value.length;
  const done = all - sum.left;
  const titles = { no: sum.left > 0 ? "Stopped" : "Done", yes: "Looking up", paused: "Paused", stopping: "Stopping" };
  const parts: Part[] = [
    ["found", "Found", sum.found, ""],
    ["unique", "Not found", sum.notFound, "free"],
    ["doubt", "May have been charged", sum.doubt, "not asked again"],
    ["invalid", "Failed", sum.failed, "not charged"],
    ["rest", "Not looked up yet", sum.left, ""],
  ];
  return (
    <>
      <section class="card" aria-labelledby="run-title" aria-busy={state === "yes"}>
        <div class="card-top">
          <StepTitle id="run-title" look={state === "yes" ? "working" : ""}>
            {state === "yes" && <span class="spinner" aria-hidden="true" />}
            {titles[state]}
          </StepTitle>
          <p>
            Charged for this list: <strong id="spent">{creditsText(sum.spent)}</strong>
          </p>
        </div>
        <p>
          {countText(done)} of {peopleText(all)}
          {state === "yes" && now?.eta != null && `, ${waitText(now.eta)} left`}
          {state !== "no" && now && now.reserved > 0 && `, ${creditsText(now.reserved)} set aside for those that are out`}
          {state !== "no" && list.value!.limit !== null && `. Limit ${creditsText(list.value!.limit)}`}.
        </p>
        <p class="unseen" role="status">
          {titles[state]}
        </p>
        <Counts parts={parts} total={all} />
        {sum.found * plan.value!.price > sum.spent && (
          <p class="small">Who was known already, also from a run that broke off, came for free now and is not counted in what was charged.</p>
        )}
        {state === "no" && sum.doubt > 0 && (
          <p class="again unknown">
            For {peopleText(sum.doubt)} nobody on this side can know whether there was a charge. They are set apart in the rows, and this page does not ask for them again: that could cost a second time.
          </p>
        )}
        <div class="actions">
          {state === "yes" && (
            <button type="button" onClick={pause}>
              Pause
            </button>
          )}
          {state === "paused" && (
            <button type="button" onClick={resume}>
              Resume
            </button>
          )}
          {(state === "yes" || state === "paused") && (
            <button type="button" onClick={stop}>
              Stop
            </button>
          )}
          {state === "no" && sum.doubt > 0 && (
            <button type="button" onClick={() => void lookAgain()}>
              See whether answers came after all – free
            </button>
          )}
          {state === "no" && sum.retry > 0 && (
            <button type="button" onClick={() => void retry()}>
              Retry {countText(sum.retry)} that failed for free – {creditsText(sum.retry * plan.value!.price)} at most
            </button>
          )}
          {state === "no" && (
            <button type="button" onClick={discard}>
              Another list
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
  const asked = useSignal(false);
  return (
    <div class="actions erase">
      {asked.value ? (
        <>
          <p class="small">This removes the list and every answer that is kept in this browser. Whoever is looked up again costs again.</p>
          <button type="button" onClick={() => void eraseAll().then(() => (asked.value = false))}>
            Yes, erase everything
          </button>
          <button type="button" onClick={() => (asked.value = false)}>
            Keep it
          </button>
        </>
      ) : (
        <button type="button" onClick={() => (asked.value = true)}>
          Erase everything
        </button>
      )}
    </div>
  );
}
