import "./help.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { checkRequest, type Issue } from "phone-enrichment";
import { address } from "../address.ts";
import { LOOKS } from "../list/looks.ts";
import { listWords } from "../list/words.ts";
import { USUAL_PRICE, type Field } from "../lookup.ts";
import { States } from "../result.tsx";
import { words } from "../words.ts";
import { helpWords } from "./words.ts";
import type { SectionName } from "./words/en.ts";

/** What is taken, in the order of how strong it is, and what is not. Why not is said by the package, which judges them here, too. */
const EXAMPLES: [field: Field, taken: string[], refused: string[]][] = [
  ["linkedin_url", ["https://www.linkedin.com/in/janedoe", "de.linkedin.com/in/janedoe/?trk=share"], ["linkedin.com/company/acme", "linkedin.com/sales/lead/ACwAAA", "linkedin.com/feed/update/1"]],
  ["email", ["jane@acme.com", "Jane.Doe@Acme.com"], ["jane@", "jane@192.168.0.1"]],
  ["company_website", ["acme.com", "https://www.acme.com/about"], ["192.168.0.1", "gmail.com"]],
];

export function HelpView() {
  const says = helpWords.value;
  const place = address.value;

  // A link to a place within the help was followed: there it goes on to be read.
  useEffect(() => {
    const heading = document.getElementById(place);
    if (!place.startsWith("help-") || !heading) return;
    heading.focus({ preventScroll: true });
    heading.scrollIntoView();
  }, [place]);

  return (
    <main class="help">
      <section class="ask" aria-labelledby="help-title">
        <h1 id="help-title">{says.title}</h1>
        <nav aria-label={says.contents}>
          <ul class="contents">
            {Object.entries(says.sections(USUAL_PRICE)).map(([name, { title }]) => (
              <li key={name}>
                <a href={`#help-${name}`}>{title}</a>
              </li>
            ))}
          </ul>
        </nav>
      </section>
      <Section name="costs" />
      <Section name="people">
        {EXAMPLES.map(([field, taken, refused]) => (
          <div key={field} class="examples" data-field={field}>
            <h3>{words.value.fields[field]}</h3>
            <Examples label={says.taken} look="taken" texts={taken} />
            <Refused field={field} texts={refused} />
          </div>
        ))}
      </Section>
      <Section name="states">
        <States says={says.states} />
        <p>{says.rows}</p>
        <dl class="prices">
          {Object.entries(says.rowStates).map(([state, text]) => (
            <div key={state} class={LOOKS[state as keyof typeof says.rowStates]}>
              <dt class="mark">{listWords.value.states[state as keyof typeof says.rowStates]}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section name="list" />
      <Section name="run" />
      <Section name="export" />
      <Section name="kept" />
      <Section name="keyboard" />
    </main>
  );
}

/** What is said of one thing: texts, and lists of texts. */
function Section({ name, children }: { name: SectionName; children?: ComponentChildren }) {
  const { title, texts } = helpWords.value.sections(USUAL_PRICE)[name];
  return (
    <section class="card" aria-labelledby={`help-${name}`}>
      <h2 id={`help-${name}`} tabIndex={-1}>
        {title}
      </h2>
      {texts.map((text, place) =>
        typeof text === "string" ? (
          <p key={place}>{text}</p>
        ) : (
          <ul key={place}>
            {text.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        ),
      )}
      {children}
    </section>
  );
}

function Examples({ label, look, texts, why }: { label: string; look: string; texts: string[]; why?: ReadonlyMap<string, Issue> }) {
  return (
    <div class={look}>
      <p class="mark">{label}</p>
      <ul>
        {texts.map((text) => {
          const issue = why?.get(text);
          return (
            <li key={text}>
              <code>{text}</code> {issue && <span class="small">{words.value.issue(issue)}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Refused({ field, texts }: { field: Field; texts: string[] }) {
  const why = useSignal<ReadonlyMap<string, Issue>>(new Map());
  useEffect(() => {
    const judge = async (text: string): Promise<[string, Issue][]> => {
      const judged = await checkRequest({ first_name: "Jane", last_name: "Doe", [field]: text });
      const issue = judged.ok ? undefined : judged.issues.find((issue) => issue.field === field);
      return issue ? [[text, issue]] : [];
    };
    // Without WebAssembly there are no reasons; the form says so.
    Promise.all(texts.map(judge)).then((judged) => (why.value = new Map(judged.flat())), () => {});
  }, []);
  return <Examples label={helpWords.value.refused} look="failed" texts={texts} why={why.value} />;
}
