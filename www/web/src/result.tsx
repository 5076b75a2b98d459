import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EnrichmentError, Lookup, Outcome } from "phone-enrichment";
import { KeyForm } from "./access.tsx";
import { USUAL_PRICE, cancel, dismiss, stage, type Field, type Sent } from "./lookup.ts";
import { chargeState, endingOf, words, type ChargeState } from "./words.ts";

/** The place where the one result stands; before there is one, what a lookup may cost. */
export function Result() {
  const { result: says } = words.value;
  const now = stage.value;
  return (
    <div class="result">
      <p class="unseen" role="status">
        {now.name === "looking" && (now.cancelling ? says.cancelling : says.looking)}
      </p>
      {now.name === "idle" && <Prices />}
      {now.name === "looking" && <Looking lookup={now.lookup} />}
      {now.name === "answered" && <Answer key={now.id} outcome={now.outcome} weaker={now.weaker} />}
      {now.name === "failed" && <Failure key={now.id} error={now.error} sent={now.sent} />}
      {now.name === "broken" && <Broken key={now.id} error={now.error} sent={now.sent} />}
    </div>
  );
}

/** In the order of how good they are to hear. */
const STATES = ["charged", "not-charged", "not-sent", "unknown"] as const;

function Prices() {
  const { result: says } = words.value;
  return (
    <section class="card" aria-labelledby="prices-title">
      <h2 id="prices-title">{says.costs}</h2>
      <States says={says.when} />
    </section>
  );
}

/** What a lookup can cost, each state with what is said of it. */
export function States({ says }: { says: Record<ChargeState, string> }) {
  return (
    <dl class="prices">
      {STATES.map((state) => (
        <div key={state}>
          <dt>
            <Chip state={state} credits={USUAL_PRICE} />
          </dt>
          <dd>{says[state]}</dd>
        </div>
      ))}
    </dl>
  );
}

function Looking({ lookup }: { lookup: Lookup }) {
  const { result: says } = words.value;
  return (
    <section class="card" aria-labelledby="looking-title" aria-busy="true">
      <h2 id="looking-title" class="working">
        <span class="spinner" aria-hidden="true" />
        {says.lookingTitle}
      </h2>
      <By lookup={lookup} says={says.goingBy} />
      <button type="button" onClick={cancel} aria-describedby="cancel-says">
        {says.cancel}
      </button>
      <p id="cancel-says" class="small">
        {says.cancelSays}
      </p>
    </section>
  );
}

function Answer({ outcome, weaker }: { outcome: Outcome; weaker: Lookup[] }) {
  const { credits, result: says } = words.value;
  const { meta } = outcome;
  const found = outcome.status === "success";
  const kept = meta.source === "cache";
  return (
    <Card state={chargeState(meta.charge, meta.attempts > 0)} credits={meta.credits} title={found ? says.found : says.notFound}>
      {outcome.status === "success" ? (
        <>
          <Value label={says.phone} copies={says.copyPhone} text={outcome.results.phone} big>
            {/* Only a number that is certain can be dialled; a guessed country would call a stranger. */}
            {outcome.results.e164 !== null && (
              <a class="button" href={`tel:${outcome.results.e164}`} aria-label={says.callNumber(outcome.results.e164)}>
                {says.call}
              </a>
            )}
          </Value>
          {outcome.results.e164 === null && <p class="small">{says.withoutCountry}</p>}
          {outcome.results.email !== null && <Value label={says.email} copies={says.copyEmail} text={outcome.results.email} />}
        </>
      ) : (
        <>
          <p>{says.free(<q>{outcome.message}</q>)}</p>
          <Next says={weaker[0] ? says.goWeaker(meta.lookup.kind, weaker[0].kind) : says.goElsewhere} />
        </>
      )}
      {kept && <p class="small">{says.kept}</p>}
      <By lookup={meta.lookup} />
      <dl class="facts apart">
        <div>
          <dt>{says.cost}</dt>
          <dd>{meta.credits === 0 ? says.nothing : credits(meta.credits)}</dd>
        </div>
        {!kept && (
          <div>
            <dt>{says.left}</dt>
            <dd>{outcome.remaining_credits === null ? says.leftUnknown : credits(outcome.remaining_credits)}</dd>
          </div>
        )}
      </dl>
    </Card>
  );
}

function Failure({ error, sent }: { error: EnrichmentError; sent: Sent | null }) {
  const ending = endingOf(error);
  return (
    <Card state={chargeState(error.charge, sent !== null)} credits={0} title={ending.title}>
      <p>{ending.what}</p>
      {error.code === "invalid_token" && <KeyForm done={dismiss} />}
      {error.charge === "possible" ? <Unknown sent={sent} /> : <Next says={ending.next} />}
      {sent && <By lookup={sent.lookup} />}
      <Support error={error} />
    </Card>
  );
}

/** No button here on purpose: to send the same again without thinking is how one pays twice. */
function Unknown({ sent }: { sent: Sent | null }) {
  const { result: says } = words.value;
  const price = sent?.price ?? USUAL_PRICE;
  return (
    <>
      <p>{says.lost(price)}</p>
      <Next says={says.compareWallet(sent?.walletBefore ?? null, price)} />
    </>
  );
}

function Broken({ error, sent }: { error: unknown; sent: Sent | null }) {
  const { result: says } = words.value;
  return (
    <Card state={sent ? "unknown" : "not-sent"} credits={0} title={says.broken}>
      <p>{says.brokenSays}</p>
      {sent ? <Unknown sent={sent} /> : <Next says={says.reload} />}
      <details>
        <summary>{says.support}</summary>
        <pre lang="en">{String(error)}</pre>
      </details>
    </Card>
  );
}

function Next({ says }: { says: string }) {
  return (
    <p>
      <strong>{words.value.result.next}</strong> {says}
    </p>
  );
}

function Support({ error }: { error: EnrichmentError }) {
  const { result: says } = words.value;
  const facts: [string, string][] = [[says.code, error.code], [says.message, error.message]];
  if (error.status !== undefined) facts.push([says.status, String(error.status)]);
  if (error.lookupId) facts.push([says.lookup, error.lookupId]);
  return (
    <details>
      <summary>{says.support}</summary>
      <dl class="facts">
        {facts.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            {/* The package's own words, which support can look for. */}
            <dd lang="en">{text}</dd>
          </div>
        ))}
      </dl>
      {error.responseText && (
        <>
          <p class="small">{says.reply}</p>
          <pre>{error.responseText}</pre>
        </>
      )}
    </details>
  );
}

/** A result: what it cost comes first, and the focus goes to its title as soon as it is there. */
function Card({ state, credits, title, children }: { state: ChargeState; credits: number; title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <section class={`card ${state}`} aria-labelledby="result-title">
      <div class="card-top">
        <h2 id="result-title" ref={heading} tabIndex={-1} aria-describedby="result-charge">
          {title}
        </h2>
        <p id="result-charge">
          <Chip state={state} credits={credits} />
        </p>
      </div>
      {children}
    </section>
  );
}

/** Colour, sign and words together: none of them alone tells the states apart for everyone. */
const SIGNS: Record<ChargeState, string> = {
  charged: "M3.5 8.5l3 3 6-7",
  "not-charged": "M8 3.2c2 0 3.2 1.9 3.2 4.8S10 12.8 8 12.8 4.8 10.9 4.8 8 6 3.2 8 3.2z",
  "not-sent": "M3 8h10",
  unknown: "M5.3 5.8C5.4 4.2 6.5 3.2 8 3.2s2.7 1 2.7 2.4c0 2-2.7 2.2-2.7 4.2M8 12.6v.2",
};

function Chip({ state, credits }: { state: ChargeState; credits: number }) {
  return (
    <span class={`chip ${state}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d={SIGNS[state]} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
      </svg>
      {words.value.charges[state](credits)}
    </span>
  );
}

function By({ lookup, says = words.value.result.wentBy }: { lookup: Lookup; says?: string }) {
  return (
    <div class="by">
      <p class="label">{says}</p>
      <dl class="facts">
        {Object.entries(lookup.request).map(([field, text]) => (
          <div key={field}>
            <dt>{words.value.fields[field as Field]}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Value({ label, copies, text, big = false, children }: { label: string; copies: string; text: string; big?: boolean; children?: ComponentChildren }) {
  const { result: says } = words.value;
  const [copied, setCopied] = useState<"yes" | "no" | null>(null);
  const value = useRef<HTMLParagraphElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied("yes");
    } catch {
      // Not every page may write to the clipboard; then the text is marked, and a person copies it.
      if (value.current) getSelection()?.selectAllChildren(value.current);
      setCopied("no");
    }
  };
  return (
    <div class="value">
      <p class="label">{label}</p>
      <p class={big ? "big" : ""} ref={value} dir="auto">
        {text}
      </p>
      <div class="actions">
        <button type="button" onClick={() => void copy()} aria-label={copies}>
          {says.copy}
        </button>
        {children}
        <span role="status" class="small">
          {copied === "yes" ? says.copied : copied === "no" ? says.marked : ""}
        </span>
      </div>
    </div>
  );
}
