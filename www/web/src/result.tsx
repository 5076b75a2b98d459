import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EnrichmentError, Lookup, Outcome } from "phone-enrichment";
import { USUAL_PRICE, cancel, dismiss, stage, type Field, type Sent } from "./lookup.ts";
import { KeyForm } from "./access.tsx";
import { CHARGES, DECIDES, FIELDS, KINDS, chargeState, creditsText, endingOf, type ChargeState } from "./words.ts";

/** The place where the one result stands; before there is one, what a lookup may cost. */
export function Result() {
  const now = stage.value;
  return (
    <div class="result">
      <p class="unseen" role="status">
        {now.name === "looking" && (now.cancelling ? "Cancelling." : "Looking up.")}
      </p>
      {now.name === "idle" && <Prices />}
      {now.name === "looking" && <Looking lookup={now.lookup} />}
      {now.name === "answered" && <Answer key={now.id} outcome={now.outcome} weaker={now.weaker} />}
      {now.name === "failed" && <Failure key={now.id} error={now.error} sent={now.sent} />}
      {now.name === "broken" && <Broken key={now.id} error={now.error} sent={now.sent} />}
    </div>
  );
}

function Prices() {
  const rows: [ChargeState, string][] = [
    ["charged", "A phone was found."],
    ["not-charged", "No phone was found, or the service refused."],
    ["not-sent", "What you typed can’t be looked up. It stays here."],
    ["unknown", "The answer was lost on its way, or came too late: nobody on this side can know. This page never sends again by itself."],
  ];
  return (
    <section class="card" aria-labelledby="prices-title">
      <h2 id="prices-title">What a lookup costs</h2>
      <dl class="prices">
        {rows.map(([state, says]) => (
          <div key={state}>
            <dt>
              <Chip state={state} credits={USUAL_PRICE} />
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Looking({ lookup }: { lookup: Lookup }) {
  return (
    <section class="card" aria-labelledby="looking-title" aria-busy="true">
      <h2 id="looking-title" class="working">
        <span class="spinner" aria-hidden="true" />
        Looking up
      </h2>
      <By lookup={lookup} says="By" />
      <button type="button" onClick={cancel} aria-describedby="cancel-says">
        Cancel
      </button>
      <p id="cancel-says" class="small">
        This stops the waiting. The service has the request and may charge all the same.
      </p>
    </section>
  );
}

function Answer({ outcome, weaker }: { outcome: Outcome; weaker: Lookup[] }) {
  const { meta } = outcome;
  const found = outcome.status === "success";
  const kept = meta.source === "cache";
  return (
    <Card state={chargeState(meta.charge, meta.attempts > 0)} credits={meta.credits} title={found ? "Phone found" : "No phone found"}>
      {outcome.status === "success" ? (
        <>
          <Value label="Phone" text={outcome.results.phone} big>
            {/* Only a number that is certain can be dialled; a guessed country would call a stranger. */}
            {outcome.results.e164 !== null && (
              <a class="button" href={`tel:${outcome.results.e164}`} aria-label={`Call ${outcome.results.e164}`}>
                Call
              </a>
            )}
          </Value>
          {outcome.results.e164 === null && <p class="small">Written as the service has it. It does not say which country it belongs to, or not clearly, so there is no link to call it.</p>}
          {outcome.results.email !== null && <Value label="E-mail" text={outcome.results.email} />}
        </>
      ) : (
        <>
          <p>
            A lookup that finds nothing is free. The service says: <q>{outcome.message}</q>
          </p>
          <Next
            says={
              weaker[0]
                ? `This went by ${KINDS[meta.lookup.kind]} alone. To go by ${KINDS[weaker[0].kind]}, clear ${DECIDES[meta.lookup.kind]}.`
                : "The service may know the same person by another identifier: try one that you have not given yet."
            }
          />
        </>
      )}
      {kept && <p class="small">This page has the answer from before: nothing was sent.</p>}
      <By lookup={meta.lookup} />
      <dl class="facts apart">
        <div>
          <dt>Cost</dt>
          <dd>{meta.credits === 0 ? "Nothing" : creditsText(meta.credits)}</dd>
        </div>
        {!kept && (
          <div>
            <dt>Left in the wallet</dt>
            <dd>{outcome.remaining_credits === null ? "The service did not say" : creditsText(outcome.remaining_credits)}</dd>
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
  const price = sent?.price ?? USUAL_PRICE;
  const before = sent?.walletBefore ?? null;
  return (
    <>
      <p>The request had gone out, so nobody on this side can know whether the service did the lookup. If it found a phone, that cost {creditsText(price)}.</p>
      <Next
        says={
          (before === null
            ? "Look into your wallet at the service: if it went down, this lookup was charged. "
            : `Look into your wallet at the service. It held ${creditsText(before)} before; if it holds ${creditsText(before - price)} now, this lookup was charged. `) +
          "Look this person up again only if you accept to pay a second time."
        }
      />
    </>
  );
}

function Broken({ error, sent }: { error: unknown; sent: Sent | null }) {
  return (
    <Card state={sent ? "unknown" : "not-sent"} credits={0} title="This page failed">
      <p>Something went wrong in the page itself.</p>
      {sent ? <Unknown sent={sent} /> : <Next says="Reload the page." />}
      <details>
        <summary>For support</summary>
        <pre>{String(error)}</pre>
      </details>
    </Card>
  );
}

function Next({ says }: { says: string }) {
  return (
    <p>
      <strong>What next?</strong> {says}
    </p>
  );
}

function Support({ error }: { error: EnrichmentError }) {
  const facts: [string, string][] = [["Code", error.code], ["Message", error.message]];
  if (error.status !== undefined) facts.push(["HTTP status", String(error.status)]);
  if (error.lookupId) facts.push(["Lookup", error.lookupId]);
  return (
    <details>
      <summary>For support</summary>
      <dl class="facts">
        {facts.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {error.responseText && (
        <>
          <p class="small">The reply began with this. It may hold personal data: look before you pass it on.</p>
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
      {CHARGES[state](credits)}
    </span>
  );
}

function By({ lookup, says = "Looked up by" }: { lookup: Lookup; says?: string }) {
  return (
    <div class="by">
      <p class="label">{says}</p>
      <dl class="facts">
        {Object.entries(lookup.request).map(([field, text]) => (
          <div key={field}>
            <dt>{FIELDS[field as Field].label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Value({ label, text, big = false, children }: { label: string; text: string; big?: boolean; children?: ComponentChildren }) {
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
        <button type="button" onClick={() => void copy()} aria-label={`Copy ${label.toLowerCase()}`}>
          Copy
        </button>
        {children}
        <span role="status" class="small">
          {copied === "yes" ? "Copied" : copied === "no" ? "Marked: copy it with the keyboard or the menu" : ""}
        </span>
      </div>
    </div>
  );
}
