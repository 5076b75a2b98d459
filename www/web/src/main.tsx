import { render } from "preact";
import { Page } from "./page.tsx";
import { begin } from "./words.ts";

const root = document.getElementById("page");
if (root) void begin().then(() => render(<Page />, root));
