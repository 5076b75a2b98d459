import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { LookupForm } from "./form.tsx";
import { judge, stage, wallet, walletDoubtful } from "./lookup.ts";
import { Result } from "./result.tsx";
import { creditsText } from "./words.ts";

/** The list's part of the page, once it was asked for: whoever has none downloads nothing of it. */
function useList() {
  const isOpen = useSignal(location.hash === "#list");
  const view = useSignal<ComponentType | null>(null);
  const lost = useSignal(false);
  useEffect(() => {
    const turn = () => (isOpen.value = location.hash === "#list");
    addEventListener("hashchange", turn);
    // It may have turned since it was drawn.
    turn();
    return () => removeEventListener("hashchange", turn);
  }, []);
  useEffect(() => {
    if (!isOpen.value || view.value) return;
    lost.value = false;
    import("./list/view.tsx").then(
      ({ ListView }) => (view.value = ListView),
      () => (lost.value = true),
    );
  }, [isOpen.value]);
  return { isOpen: isOpen.value, View: view.value, lost: lost.value };
}

export function Page() {
  const { isOpen, View, lost } = useList();
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
          Phone lookup
        </p>
        <nav class="views" aria-label="Views">
          <a href="#one" aria-current={isOpen ? undefined : "page"}>
            One person
          </a>
          <a href="#list" aria-current={isOpen ? "page" : undefined}>
            A list
          </a>
        </nav>
        {wallet.value !== null && (
          <p class="wallet">
            Wallet: <strong>{creditsText(wallet.value)}</strong>
            {walletDoubtful.value && " before the last lookup"}
          </p>
        )}
      </header>
      {isOpen && (View ? <View /> : <main>{lost ? <p role="alert">This part of the page could not be loaded. Load the page again.</p> : <p role="status">Loading.</p>}</main>)}
      <main hidden={isOpen}>
        <section class="ask" aria-labelledby="ask-title">
          <h1 id="ask-title">Find a person’s phone number</h1>
          <p class="lede">Say who is meant in one of three ways. What you type is checked here, for free; nothing leaves this page before you press the button.</p>
          <LookupForm />
        </section>
        <Result />
      </main>
    </>
  );
}
