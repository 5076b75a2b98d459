// The rows: only those in sight are in the document, each of the same height.
import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ErrorCode } from "phone-enrichment";
import { words } from "../words.ts";
import type { Ending } from "./book.ts";
import { LOOKS } from "./looks.ts";
import { emailOf, isArranging, nameOf, phoneOf, shown, useOrder, type Sort } from "./order.ts";
import { people, rows, rowState, type Row, type RowState } from "./run.ts";
import { listWords } from "./words.ts";

const ROW_PX = 56;
/** Browsers draw nothing beyond some 16 million pixels, some of them at half of that. */
const MOST_PX = 8_000_000;
const BEYOND = 6;

export function Rows() {
  const { rows: rowsText, states, table: says } = listWords.value;
  const state = useSignal<RowState | "">("");
  const text = useSignal("");
  const sort = useSignal<Sort>("line");
  const down = useSignal(false);
  const top = useSignal(0);
  const height = useSignal(480);
  const scroller = useRef<HTMLDivElement>(null);

  const wish = useComputed(() => ({ state: state.value, text: text.value, sort: sort.value, down: down.value }));
  useOrder(wish);
  // What was drawn of another plan is none of this one's.
  const { rows: all, order } = shown.value.rows === rows.value ? shown.value : { rows: rows.value, order: new Uint32Array() };

  const count = order.length;
  const whole = count * ROW_PX;
  const drawn = Math.min(whole, MOST_PX);
  // Where the list is longer than what a browser can draw, a pixel stands for several.
  const scale = drawn > height.value ? (whole - height.value) / (drawn - height.value) : 1;
  const offset = Math.min(top.value, Math.max(0, drawn - height.value)) * scale;
  const first = Math.max(0, Math.floor(offset / ROW_PX) - BEYOND);
  const last = Math.min(count, Math.ceil((offset + height.value) / ROW_PX) + BEYOND);

  useLayoutEffect(() => {
    const box = scroller.current!;
    // Out of sight it has no height, and is not scrolled.
    const observer = new ResizeObserver(() => {
      height.value = box.clientHeight;
      top.value = box.scrollTop;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const back = () => {
    if (scroller.current) scroller.current.scrollTop = 0;
    top.value = 0;
  };
  const sortBy = (name: Sort) => {
    down.value = sort.value === name && !down.value;
    sort.value = name;
    back();
  };
  const head = (name: Sort, label: string) => (
    <div role="columnheader" class={`cell-${name}`} aria-sort={sort.value === name ? (down.value ? "descending" : "ascending") : "none"}>
      <button type="button" class="plain" onClick={() => sortBy(name)}>
        {label} <span aria-hidden="true">{sort.value === name ? (down.value ? "↓" : "↑") : ""}</span>
      </button>
    </div>
  );

  return (
    <section class="sheet rows" aria-labelledby="rows-title">
      <div class="rows-top">
        <h2 id="rows-title">{says.title}</h2>
        <label>
          <span>{says.state}</span>
          <select
            value={state.value}
            onChange={(event) => {
              state.value = event.currentTarget.value as RowState | "";
              back();
            }}
          >
            <option value="">{says.all}</option>
            {Object.entries(states).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{says.search}</span>
          <input
            type="search"
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              back();
            }}
          />
        </label>
        <p class="small" role="status">
          {count === all.length ? rowsText(count) : says.some(count, all.length)}
        </p>
      </div>
      <div role="table" aria-labelledby="rows-title" aria-rowcount={count + 1} aria-busy={isArranging.value || shown.value.wish !== wish.value} class="table">
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} class="row head">
            {head("line", says.line)}
            {head("name", says.person)}
            {head("state", says.state)}
            {head("phone", says.phone)}
          </div>
        </div>
        <div role="rowgroup" class="scroller" ref={scroller} tabIndex={0} aria-label={says.scrollable} onScroll={(event) => (top.value = event.currentTarget.scrollTop)}>
          <div role="presentation" class="height" style={{ height: `${Math.max(drawn, ROW_PX)}px` }}>
            <div role="presentation" class="window" style={{ transform: `translateY(${Math.round(first * ROW_PX - offset + Math.min(top.value, Math.max(0, drawn - height.value)))}px)` }}>
              {count === 0 && !isArranging.value && (
                <div role="row" class="row">
                  <div role="cell">{says.none}</div>
                </div>
              )}
              {Array.from(order.subarray(first, last), (at, index) => (
                <TableRow key={at} row={all[at]!} place={first + index} />
              ))}
            </div>
          </div>
        </div>
      </div>
    </section>
  );
}

/** Why a lookup failed, in a few words. A list waits as long as the service asks, so that its limit is always one with a wait. */
function failureText({ code = "", message = "" }: Ending): string {
  const { endings } = words.value;
  return Object.hasOwn(endings, code) ? endings[code as ErrorCode]({ retryAfterMs: 0 }).title : message;
}

function TableRow({ row, place }: { row: Row; place: number }) {
  const { flags, states, table: says } = listWords.value;
  const state = rowState(row);
  const ending = row.person === null ? null : people.value[row.person]!.ending;
  const more = row.flags.map((flag) => flags[flag]).join(". ") || (ending?.status === "failed" ? failureText(ending) : "");
  const of = row.of === null ? undefined : rows.value[row.of]?.line;
  return (
    <div role="row" aria-rowindex={place + 2} class={`row ${LOOKS[state]} ${state === "doubt" ? "apart-row" : ""}`}>
      <div role="cell" class="cell-line">
        {row.line ?? row.row + 1}
      </div>
      <div role="cell" class="cell-name" title={more || nameOf(row)}>
        <span class="cut">{nameOf(row) || "–"}</span>
        {more && <span class="cut small">{more}</span>}
      </div>
      <div role="cell" class="cell-state">
        <span class="mark">{state === "duplicate" && of != null ? says.duplicateOf(of) : states[state]}</span>
      </div>
      <div role="cell" class="cell-phone">
        <span class="cut" dir="auto">
          {phoneOf(row)}
        </span>
        <span class="cut small">{emailOf(row)}</span>
      </div>
    </div>
  );
}
