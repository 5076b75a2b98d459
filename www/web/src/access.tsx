import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { accessKey, changing, forgetKey, useKey } from "./access.ts";
import { words } from "./words.ts";

/** Asks for the caller's key. */
export function KeyForm({ done }: { done: () => void }) {
  const says = words.value.access;
  const id = useId();
  const text = useSignal("");
  const onThisDevice = useSignal(false);
  const isWrong = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <form
      class="access"
      noValidate
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        isWrong.value = !useKey(text.value, onThisDevice.value);
        if (!isWrong.value) return done();
        // What was given may be a secret of somebody else's, and stays nowhere.
        text.value = "";
        input.current?.focus();
      }}
    >
      <div class="field">
        <label for={id}>{says.label}</label>
        <input
          id={id}
          ref={input}
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={text.value}
          aria-invalid={isWrong.value}
          aria-describedby={`${id}-says`}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <p id={`${id}-says`} class="small">
          {isWrong.value && <strong class="wrong">{says.wrong} </strong>}
          {says.hint}
        </p>
      </div>
      <label class="check">
        <input type="checkbox" checked={onThisDevice.value} onChange={(event) => void (onThisDevice.value = event.currentTarget.checked)} />
        {says.keep}
      </label>
      <button type="submit">{says.use}</button>
    </form>
  );
}

/** The key that is kept, in the header: it can be changed and forgotten at any time. */
export function AccessKey() {
  const says = words.value.access;
  if (accessKey.value === null) return null;
  return (
    <div class="key">
      <p>
        {says.kept}{" "}
        <button type="button" class="link" aria-label={changing.value ? says.cancel : says.changeName} aria-expanded={changing.value} onClick={() => void (changing.value = !changing.value)}>
          {changing.value ? says.cancel : says.change}
        </button>{" "}
        <button type="button" class="link" aria-label={says.forgetName} onClick={forgetKey}>
          {says.forget}
        </button>
      </p>
      {changing.value && <KeyForm done={() => (changing.value = false)} />}
    </div>
  );
}
