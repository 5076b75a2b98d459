// The first page: from nothing to the first lookup.
import { useState } from "preact/hooks";
import { say } from "../words.ts";
import { Connection } from "./connection.tsx";

export function Welcome() {
  const [isConnected, setConnected] = useState(false);
  return (
    <main class="page">
      <h1>{say("welcome.title")}</h1>
      <p>{say("welcome.text")}</p>
      <p class="soft">{say("welcome.reads")}</p>
      <section class="card">
        <h2>{say("welcome.connect")}</h2>
        <p>{say("welcome.connect.text")}</p>
        <Connection onConnected={() => setConnected(true)} />
        <p role="status" class="good-text">{isConnected && say("welcome.done")}</p>
      </section>
      <section class="card">
        <h2>{say("welcome.open")}</h2>
        <p>{say("welcome.open.text")}</p>
      </section>
    </main>
  );
}
