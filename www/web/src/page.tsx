import { computed, useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { AccessKey } from "./access.tsx";
import { address } from "./address.ts";
import { LookupForm } from "./form.tsx";
import { judge, stage, wallet, walletDoubtful } from "./lookup.ts";
import { Result } from "./result.tsx";
import { LANGUAGES, choose, language, languageLost, words, type Language } from "./words.ts";

const VIEWS = ["one", "list", "help"] as const;
type ViewName = (typeof VIEWS)[number];

/** Parts of the page that are loaded once they were asked for: whoever has no list downloads nothing of it. */
const LATER: Record<Exclude<ViewName, "one">, () => Promise<ComponentType>> = {
  list: () => import("./list/view.tsx").then(({ ListView }) => ListView),
  help: () => import("./help/view.tsx").then(({ HelpView }) => HelpView),
};

/** An address may name a place within a part, as `help-list` does. */
const openView = computed<ViewName>(() => VIEWS.find((view) => address.value.split("-")[0] === view) ?? "one");

/** A part that is loaded later. Once it is there it stays, out of sight, so that nothing that was typed into it is lost. */
function Later({ load, isOpen }: { load: () => Promise<ComponentType>; isOpen: boolean }) {
  const { loading, partLost } = words.value;
  const part = useSignal<{ View: ComponentType } | null>(null);
  const lost = useSignal(false);
  useEffect(() => {
    if (!isOpen || part.value) return;
    lost.value = false;
    load().then(
      (View) => (part.value = { View }),
      () => (lost.value = true),
    );
  }, [isOpen]);
  if (part.value) {
    const { View } = part.value;
    return (
      <div hidden={!isOpen}>
        <View />
      </div>
    );
  }
  return isOpen ? <main>{lost.value ? <p role="alert">{partLost}</p> : <p role="status">{loading}</p>}</main> : null;
}

/** Each language by its own name; what could not be loaded is not shown as chosen. */
function LanguageChoice() {
  return (
    <div class="language">
      <label class="unseen" for="language">
        {words.value.language}
      </label>
      <select
        id="language"
        value={language.value}
        onChange={({ currentTarget: select }) => void choose(select.value as Language).then(() => (select.value = language.value))}
      >
        {Object.entries(LANGUAGES).map(([name, label]) => (
          <option key={name} value={name} lang={name}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Page() {
  const { title, views, form, languageLost: lost, wallet: walletText, credits } = words.value;
  const open = openView.value;
  const looking = stage.value.name === "looking";

  // A browser may have put text back into the form; and the first check starts the WebAssembly before anybody waits for it.
  useEffect(() => void judge(), []);

  // Leaving gives up the answer, not the charge.
  useEffect(() => {
    if (!looking) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [looking]);

  return (
    <>
      <header class="top">
        <p class="brand">
          <img src="/icon.svg" alt="" width="28" height="28" />
          {title}
        </p>
        <LanguageChoice />
        <nav class="views" aria-label={views.label}>
          {VIEWS.map((view) => (
            <a key={view} href={`#${view}`} aria-current={view === open ? "page" : undefined}>
              {views[view]}
            </a>
          ))}
        </nav>
        {wallet.value !== null && <p class="wallet">{walletText(<strong>{credits(wallet.value)}</strong>, walletDoubtful.value)}</p>}
        <AccessKey />
      </header>
      <div role="alert">{languageLost.value && <p>{lost}</p>}</div>
      {Object.entries(LATER).map(([view, load]) => (
        <Later key={view} load={load} isOpen={view === open} />
      ))}
      <main hidden={open !== "one"}>
        <section class="ask" aria-labelledby="ask-title">
          <h1 id="ask-title">{form.title}</h1>
          <p class="lede">
            {form.lede} <a href="#help-people">{form.help}</a>
          </p>
          <LookupForm />
        </section>
        <Result />
      </main>
    </>
  );
}
