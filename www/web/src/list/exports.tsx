// The buttons that write the list with its results, and how far that is.
import { signal } from "@preact/signals";
import { save, written, type Format } from "./export.ts";
import { inSight } from "./order.ts";
import { list } from "./run.ts";
import { EXPORT, EXPORT_FAILED, exportOnlyText, exportTroubleText, exportingText } from "./words.ts";

const share = signal<number | null>(null);
const trouble = signal<unknown>(null);
const isOnlySome = signal(false);

const fileName = () => `${list.value!.name.replace(/\.[^.]*$/, "") || "list"} with phones`;

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
  const isWriting = share.value !== null;
  const some = inSight.value;
  return (
    <div class="exports">
      {(["csv", "json"] as const).map((format) => (
        <button key={format} type="button" aria-disabled={isWriting} onClick={() => void write(format)}>
          {EXPORT[format]}
        </button>
      ))}
      {some && (
        <label class="check">
          <input type="checkbox" checked={isOnlySome.value} onChange={(event) => (isOnlySome.value = event.currentTarget.checked)} />
          {exportOnlyText(some.length)}
        </label>
      )}
      <p class="small" role="status">
        {isWriting && exportingText(share.value!)}
      </p>
      <div role="alert">
        {trouble.value !== null && (
          <p>
            <strong class="wrong">{EXPORT_FAILED}</strong> {exportTroubleText(trouble.value)}
          </p>
        )}
      </div>
    </div>
  );
}
