import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { eraseList, erasing, history, open, refresh, type Listed } from "./history.ts";
import { listStage } from "./run.ts";
import { listWords } from "./words.ts";

/** The lists that were begun here, newest first. */
export function History() {
  useEffect(() => void refresh(), [listStage.value]);
  useEffect(() => {
    // Other tabs may have begun, erased or given back some meanwhile.
    const again = () => void refresh();
    addEventListener("focus", again);
    return () => removeEventListener("focus", again);
  }, []);
  const says = listWords.value.history;
  if (history.value.length === 0) return null;
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title" tabIndex={-1}>
        {says.title}
      </h2>
      <ul class="history">
        {history.value.map((entry) => (
          <Earlier key={entry.id} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function Earlier({ entry }: { entry: Listed }) {
  const { id, name, started, sums, elsewhere } = entry;
  const says = listWords.value.history;
  const asked = useSignal(false);
  const busy = erasing.value === id;
  return (
    <li>
      <p class="name">{name}</p>
      <p class="small">
        {says.begun(started)} {says.sums(sums)}
      </p>
      {elsewhere && <p class="small elsewhere">{says.elsewhere}</p>}
      {asked.value ? (
        <Confirm id={id} isBusy={busy} done={() => (asked.value = false)} />
      ) : (
        <div class="actions">
          <button type="button" aria-label={says.openName(name)} onClick={() => void open(id)}>
            {says.open}
          </button>
          <button type="button" aria-label={says.eraseName(name)} onClick={() => (asked.value = true)}>
            {says.erase}
          </button>
        </div>
      )}
    </li>
  );
}

/** Asks first; the question takes the focus of the button that it replaces. */
function Confirm({ id, isBusy, done }: { id: string; isBusy: boolean; done: () => void }) {
  const says = listWords.value.history;
  const question = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => question.current?.focus(), [isBusy]);
  const erase = async () => {
    await eraseList(id);
    done();
    document.getElementById("history-title")?.focus();
  };
  return (
    <div class="actions">
      <p class="small" ref={question} tabIndex={-1}>
        {isBusy ? says.erasing : says.confirm}
      </p>
      {!isBusy && (
        <>
          <button type="button" onClick={() => void erase()}>
            {says.confirmed}
          </button>
          <button type="button" onClick={done}>
            {says.keep}
          </button>
        </>
      )}
    </div>
  );
}
