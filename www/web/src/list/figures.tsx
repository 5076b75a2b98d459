// What the runs of a list came to over time: people by outcome, and credits beside the limit, as pictures, numbers and tables.
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Drawing, Look } from "./chart.ts";
import { running } from "./run.ts";
import { samples, type Sample } from "./samples.ts";
import { words } from "../words.ts";
import type { Series } from "./words/en.ts";
import { clockText, listWords } from "./words.ts";

/** How often it is drawn at most, in milliseconds; seldom for whoever wants nothing to move. */
const DRAW_MS = 500;
const DRAW_SELDOM_MS = 5000;
/** How many samples the table has. */
const TABLE_ROWS = 10;

const LOOKS: Record<Exclude<Series, "limit">, Look> = {
  found: { color: "--charged", hatch: "solid" },
  notFound: { color: "--not-charged", hatch: "rising" },
  doubt: { color: "--unknown", hatch: "upright" },
  failed: { color: "--wrong", hatch: "crossed" },
  spent: { color: "--charged", hatch: "solid" },
  possible: { color: "--unknown", hatch: "upright" },
  reserved: { color: "--not-sent", hatch: "level" },
};

interface About {
  id: "outcomes" | "spend";
  /** From the lowest. */
  areas: (keyof typeof LOOKS)[];
  hasLimit: boolean;
  /** Which words say all of it in a sentence. */
  says: "saysOutcomes" | "saysSpend";
}

const ABOUT: About[] = [
  { id: "outcomes", areas: ["found", "notFound", "doubt", "failed"], hasLimit: false, says: "saysOutcomes" },
  { id: "spend", areas: ["spent", "possible", "reserved"], hasLimit: true, says: "saysSpend" },
];

export function Figures() {
  // One sample is no time.
  const isThere = useComputed(() => samples.value.length > 1);
  const says = listWords.value.figures;
  if (!isThere.value) return null;
  return (
    <section class="card figures" aria-labelledby="figures-title">
      <h2 id="figures-title">{says.title}</h2>
      <div>
        {ABOUT.map((about) => (
          <Figure key={about.id} about={about} />
        ))}
      </div>
      <p class="small">{says.time}</p>
    </section>
  );
}

const valueText = (sample: Sample, name: Series) => (sample[name] === null ? listWords.value.figures.noLimit : words.value.number(sample[name]));

function Figure({ about: { id, areas, hasLimit, says } }: { about: About }) {
  const figures = listWords.value.figures;
  const box = useRef<HTMLDivElement>(null);
  const drawing = useSignal<Drawing | null>(null);
  const lost = useSignal(false);
  const pointed = useSignal<number | null>(null);
  const drawn = useRef(0);

  useEffect(() => {
    let mine: Drawing | undefined;
    let isGone = false;
    import("./chart.ts").then(
      ({ draw }) => {
        if (!isGone) drawing.value = mine = draw(box.current!, areas.map((name) => LOOKS[name]), hasLimit, (index) => (pointed.value = index));
      },
      () => (lost.value = true),
    );
    return () => {
      isGone = true;
      mine?.remove();
    };
  }, []);

  useSignalEffect(() => {
    const now = samples.value;
    const chart = drawing.value;
    if (!chart) return;
    const show = () => {
      drawn.current = performance.now();
      chart.show(now.map(({ at }) => at), areas.map((name) => now.map((sample) => sample[name])), hasLimit ? now.map(({ limit }) => limit) : null);
    };
    const every = matchMedia("(prefers-reduced-motion: reduce)").matches ? DRAW_SELDOM_MS : DRAW_MS;
    const wait = running.value === "no" ? 0 : drawn.current + every - performance.now();
    if (wait <= 0) return show();
    const timer = setTimeout(show, wait);
    return () => clearTimeout(timer);
  });

  const all = samples.value;
  const last = all.at(-1)!;
  const told = (pointed.value === null ? undefined : all[pointed.value]) ?? last;
  const names: Series[] = hasLimit ? [...areas, "limit"] : areas;
  const step = Math.max(1, (all.length - 1) / (TABLE_ROWS - 1));
  const rows = Array.from({ length: Math.min(all.length, TABLE_ROWS) }, (_, index) => all[Math.round(index * step)]!);
  return (
    <figure aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{figures[id]}</h3>
      <p class="small">{figures[told === last ? "now" : "after"](clockText(told.at))}</p>
      <dl class="legend">
        {names.map((name) => (
          <div key={name} data-series={name}>
            <dt>
              <span class={`sign ${name}`} aria-hidden="true" />
              {figures.series[name]}
            </dt>
            <dd>{valueText(told, name)}</dd>
          </div>
        ))}
      </dl>
      {lost.value ? <p class="small">{figures.lost}</p> : <div class="chart" ref={box} role="img" aria-label={figures[says](clockText(last.at), last)} />}
      <details>
        <summary>{figures.table[id]}</summary>
        <div class="scrolled" role="region" aria-label={figures.table[id]} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{figures.at}</th>
                {names.map((name) => (
                  <th key={name} scope="col">
                    {figures.series[name]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((sample, index) => (
                <tr key={index}>
                  <th scope="row">{clockText(sample.at)}</th>
                  {names.map((name) => (
                    <td key={name}>{valueText(sample, name)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
