import { render } from "preact";
import { Welcome } from "../../pages/welcome.tsx";
import { readSettings } from "../../settings.ts";
import { say, speak } from "../../words.ts";

speak((await readSettings()).language);
document.title = say("welcome.title");
render(<Welcome />, document.getElementById("page")!);
