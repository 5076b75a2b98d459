// The buttons that write the list with its results, and how far that is.
import { signal } from "@preact/signals";
import { save, written, type Format } from "./export.ts";
import { inSight } from "./order.ts";
import { isTrouble, list, troubleOf } from "./run.ts";
import { words } from "../words.ts";
import { listTroubleText, listWords } from "./words.ts";

const share = signal<number | null>(null);
const trouble = signal<unknown>(null);
const isOnlySome = signal(false);

const fileName = () => listWords.value.export.file(list.value!.name.replace(/\.[^.]*$/, ""));

/** Why the list could not be read once more. */
function troubleText(error: unknown): string {
  if (troubleOf(error) === "unreadable") return listWords.value.export.changed;
  return isTrouble(error) ? listTroubleText(error) : String((error as Error)?.message ?? error);
}

async function write(format: Format): Promise<void> {
  if (share.value !== null) return;
  share.value = 0;
  trouble.value = null;
  try {
    const only = isOnlySome.value && inSight.value ? new Set(inSight.value) : null;
    const file = await written(format, only, (now) => (share.value = now));
    if (file) save(file, `${fileName()}.${format}`);
  } catch (error) {
    trouble.value = error;
  } finally {
    share.value = null;
  }
}

export function Exports() {
  const says = listWords.value.export;
  const isWriting = share.value !== null;
  const some = inSight.value;
  return (
    <div class="exports">
      {(["csv", "json"] as const).map((format) => (
        <button key={format} type="button" aria-disabled={isWriting} onClick={() => void write(format)}>
          {says[format]}
        </button>
      ))}
      {some && (
        <label class="check">
          <input type="checkbox" checked={isOnlySome.value} onChange={(event) => (isOnlySome.value = event.currentTarget.checked)} />
          {says.only(some.length)}
        </label>
      )}
      <p class="small" role="status">
        {isWriting && says.writing(words.value.percent(share.value!))}
      </p>
      <div role="alert">
        {trouble.value !== null && (
          <p>
            <strong class="wrong">{says.failed}</strong> {troubleText(trouble.value)}
          </p>
        )}
      </div>
    </div>
  );
}
