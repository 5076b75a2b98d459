import { useEffect } from "preact/hooks";
import { LookupForm } from "./form.tsx";
import { judge, stage, wallet, walletDoubtful } from "./lookup.ts";
import { Result } from "./result.tsx";
import { creditsText } from "./words.ts";

export function Page() {
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
        {wallet.value !== null && (
          <p class="wallet">
            Wallet: <strong>{creditsText(wallet.value)}</strong>
            {walletDoubtful.value && " before the last lookup"}
          </p>
        )}
      </header>
      <main>
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
