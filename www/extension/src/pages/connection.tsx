// The connection to one's own Worker: address, key, and whether it answers. The options and the first page both have it.
import { useEffect, useState } from "preact/hooks";
import { browser } from "wxt/browser";
import { ask, type Tried } from "../messages.ts";
import { readSettings, workerOrigin, writeSettings } from "../settings.ts";
import { isolated, say, type Word } from "../words.ts";

/** Where a Worker of this machine listens, as `cargo xtask demo` starts it. */
const HERE = "http://127.0.0.1:8787";

/** What an extension calls itself to a Worker. */
const origin = () => browser.runtime.getURL("" as never).replace(/\/$/, "");

export function Connection({ onConnected }: { onConnected?: () => void }) {
  const [address, setAddress] = useState("");
  const [key, setKey] = useState("");
  const [tried, setTried] = useState<Tried | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isRead, setRead] = useState(false);
  useEffect(() => {
    void readSettings().then(({ worker }) => {
      setAddress(worker.address || (onConnected ? HERE : ""));
      setKey(worker.key);
      setRead(true);
    });
  }, []);
  const isWrong = address !== "" && workerOrigin(address) === undefined;
  const test = async (event: SubmitEvent) => {
    event.preventDefault();
    // Not disabled meanwhile: a button that is loses the focus.
    if (isBusy) return;
    setBusy(true);
    setTried(null);
    // Saved first: no message carries an address or a key.
    const settings = await readSettings();
    await writeSettings({ ...settings, way: "worker", worker: { address: workerOrigin(address.trim()) ?? address.trim(), key: key.trim() } });
    const result = await ask<"try">({ kind: "try" }).catch((): Tried => ({ ok: false, code: "other" }));
    setTried(result);
    setBusy(false);
    if (result.ok) onConnected?.();
  };
  // What somebody typed before that would be written over, and a press would find empty fields.
  if (!isRead) return null;
  return (
    <form onSubmit={(event) => void test(event)}>
      <label>
        {say("options.address")}
        <input type="url" dir="ltr" required maxLength={2048} placeholder="https://" autoComplete="off" value={address} aria-invalid={isWrong} aria-describedby="address-wrong" onInput={({ currentTarget }) => setAddress(currentTarget.value)} />
      </label>
      <p id="address-wrong" class="wrong-text" role="status">{isWrong && say("options.address.wrong")}</p>
      <label>
        {say("options.key")}
        <input type="password" dir="ltr" required maxLength={512} autoComplete="off" value={key} onInput={({ currentTarget }) => setKey(currentTarget.value)} />
      </label>
      <button type="submit" disabled={isWrong} aria-busy={isBusy}>{say("options.test")}</button>
      <p role="status" class={tried && !tried.ok ? "wrong-text" : "good-text"}>
        {tried && (tried.ok ? `${say("tried.ok", isolated(tried.name))} ${tried.credits === null ? "" : say("tried.credits", tried.credits)}` : say(`tried.${tried.code}` as Word, isolated(origin())))}
      </p>
    </form>
  );
}
