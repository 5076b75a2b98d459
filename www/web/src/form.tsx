import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { CheckResult, Issue } from "phone-enrichment";
import { accepted, boughtBefore, form, judge, stage, submit, tried, turnedBack, type, verdict, type Field } from "./lookup.ts";
import { chargeState, words } from "./words.ts";

/** How each field is typed, and what it may hold. */
const INPUTS: Record<Field, { inputMode: "text" | "email" | "url"; example: string }> = {
  linkedin_url: { inputMode: "url", example: "linkedin.com/in/janedoe" },
  email: { inputMode: "email", example: "jane@acme.com" },
  first_name: { inputMode: "text", example: "" },
  last_name: { inputMode: "text", example: "" },
  company_name: { inputMode: "text", example: "" },
  company_website: { inputMode: "url", example: "acme.com" },
};

const NAME_GROUP = "name-issue";

/** Issues by where they are shown. What is merely not there yet is no mistake until somebody tries to look up with it. */
function sorted(judged: CheckResult | null): { wrong: Issue[]; unfinished: Issue[] } {
  const issues = judged && !judged.ok ? judged.issues : [];
  const unfinished = (issue: Issue) => issue.code === "no_identifier" || issue.code === "incomplete_name";
  return { wrong: issues.filter((issue) => !unfinished(issue)), unfinished: issues.filter(unfinished) };
}

export function LookupForm() {
  const { form: says } = words.value;
  const looking = stage.value.name === "looking";
  const { wrong, unfinished } = sorted(verdict.value);
  const blocking = tried.value ? [...wrong, ...unfinished] : wrong;
  const nameIssue = unfinished.find((issue) => issue.code === "incomplete_name");
  const field = (name: Field, hint?: string) => (
    <TextField
      name={name}
      hint={hint}
      issues={wrong.filter((issue) => issue.field === name)}
      missing={tried.value && !!nameIssue?.missing?.includes(name)}
      readOnly={looking}
    />
  );

  return (
    <form
      noValidate
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {tried.value && blocking.length > 0 && <Summary issues={blocking} />}

      <div class="sheet">
        <div class="ways">
          {field("linkedin_url", says.enough)}
          <p class="or">{says.or}</p>
          {field("email", says.enough)}
          <p class="or">{says.or}</p>
          <fieldset>
            <legend>
              {says.name} <span class="hint">{says.nameHint}</span>
            </legend>
            {field("first_name")}
            {field("last_name")}
            {field("company_name")}
            {field("company_website")}
            {tried.value && nameIssue && <FieldIssues id={NAME_GROUP} issues={[nameIssue]} />}
          </fieldset>
        </div>
        <div class="send">
          <Ready judged={verdict.value} wrong={wrong} unfinished={unfinished} />
          <Again />
          <Send looking={looking} />
        </div>
      </div>
    </form>
  );
}

interface TextFieldProps {
  name: Field;
  hint: string | undefined;
  issues: Issue[];
  missing: boolean;
  readOnly: boolean;
}

function TextField({ name, hint, issues, missing, readOnly }: TextFieldProps) {
  const { inputMode, example } = INPUTS[name];
  const described = [hint && `${name}-hint`, issues.length > 0 && `${name}-issue`, missing && NAME_GROUP].filter(Boolean).join(" ");
  return (
    <div class="field">
      <div class="labels">
        <label for={name}>{words.value.fields[name]}</label>
        {hint && (
          <span class="hint" id={`${name}-hint`}>
            {hint}
          </span>
        )}
      </div>
      {/* Text throughout: an input of type email or url would rewrite what was typed before it is judged. */}
      <input
        id={name}
        name={name}
        type="text"
        inputMode={inputMode}
        autocomplete="off"
        autocapitalize={inputMode === "text" ? "words" : "off"}
        spellcheck={false}
        placeholder={example && words.value.form.example(example)}
        value={form.value[name]}
        readOnly={readOnly}
        aria-invalid={issues.length > 0 || missing}
        aria-describedby={described || undefined}
        onInput={(event) => type(name, event.currentTarget.value)}
        onBlur={() => void judge()}
      />
      {issues.length > 0 && <FieldIssues id={`${name}-issue`} issues={issues} />}
    </div>
  );
}

function FieldIssues({ id, issues }: { id: string; issues: Issue[] }) {
  return (
    <div class="issue" id={id}>
      {issues.map((issue) => (
        <p key={issue.code}>
          <strong>{words.value.issue(issue)}</strong> {words.value.fix(issue)}
        </p>
      ))}
    </div>
  );
}

/** Takes the focus once for each attempt that was turned back, and never because it appears while somebody types. */
function useSummons(box: RefObject<HTMLElement | null>): void {
  const summoned = turnedBack.value;
  useLayoutEffect(() => {
    if (!summoned || !box.current) return;
    turnedBack.value = false;
    box.current.focus();
  });
}

/** Everything that keeps the form from being sent, in one place, each with the way to it. */
function Summary({ issues }: { issues: Issue[] }) {
  const { fields, form: says, issue: issueText, fix } = words.value;
  const box = useRef<HTMLDivElement>(null);
  useSummons(box);
  return (
    <div class="summary" ref={box} tabIndex={-1} role="group" aria-labelledby="summary-title">
      <h2 id="summary-title">{says.nothingSent}</h2>
      <ul>
        {issues.map((issue) => {
          const target = issue.field ?? issue.missing?.[0] ?? "linkedin_url";
          return (
            <li key={`${target} ${issue.code}`}>
              <a href={`#${target}`} onClick={(event) => goTo(event, target, issue.position)}>
                {issue.field && says.about(fields[issue.field])}
                {issueText(issue)}
              </a>{" "}
              {fix(issue)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Puts the cursor where the mistake is. */
function goTo(event: Event, field: Field, position: number | undefined): void {
  const input = document.getElementById(field);
  if (!(input instanceof HTMLInputElement)) return;
  event.preventDefault();
  input.focus();
  if (position !== undefined) input.setSelectionRange(position, input.value.length);
}

/** What would be sent, or what is still needed: the one place that speaks while somebody types. */
function Ready({ judged, wrong, unfinished }: { judged: CheckResult | null; wrong: Issue[]; unfinished: Issue[] }) {
  const { fields, kinds, list, form: says, issue: issueText, fix } = words.value;
  const halfName = unfinished.find(({ code }) => code === "incomplete_name");
  return (
    <div class="ready" aria-live="polite">
      {judged?.ok ? (
        <>
          <p>{says.goesBy(<strong>{kinds[judged.lookup.kind]}</strong>)}</p>
          <dl>
            {Object.entries(judged.lookup.request).map(([field, text]) => (
              <div key={field}>
                <dt>{fields[field as Field]}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          {judged.ladder.length > 1 && <p>{says.weaker(judged.ladder.slice(1).map(({ kind }) => kinds[kind]))}</p>}
          {judged.dropped.map((issue) => (
            <p key={issue.code}>{says.notSent(issue.code === "incomplete_name" ? says.unfinishedName : issueText(issue))}</p>
          ))}
        </>
      ) : wrong.length > 0 ? (
        <p>{says.mend(<strong>{list([...new Set(wrong.map(({ field }) => (field ? fields[field] : says.request)))])}</strong>)}</p>
      ) : (
        <p>{(halfName && fix(halfName)) ?? says.fillIn}</p>
      )}
    </div>
  );
}

/** Whoever may have been paid for in this visit is only looked up again by somebody who says so. */
function Again() {
  const box = useRef<HTMLInputElement>(null);
  const charge = boughtBefore.value;
  const judged = verdict.value;
  useSummons(box);
  if (charge !== "possible" || !judged?.ok || stage.value.name === "looking") return null;
  const { form: says } = words.value;
  return (
    <div class={`again ${chargeState(charge, true)}`}>
      <p id="again-why">{says.again(judged.price)}</p>
      <label class="check">
        <input ref={box} type="checkbox" checked={accepted.value} aria-describedby="again-why" onChange={(event) => void (accepted.value = event.currentTarget.checked)} />
        {says.acceptAgain}
      </label>
    </div>
  );
}

function Send({ looking }: { looking: boolean }) {
  const judged = verdict.value;
  const held = boughtBefore.value === "possible" && !accepted.value;
  const { form: says } = words.value;
  const spends = { possible: says.spendAgain, confirmed: () => says.showAgain, none: says.spend };
  const label = looking ? says.sending : judged?.ok ? spends[boughtBefore.value ?? "none"](judged.price) : says.send;
  return (
    // Never really disabled: it keeps the focus, and pressing it says what is missing.
    <button type="submit" class="primary" aria-disabled={looking || held}>
      {label}
    </button>
  );
}
