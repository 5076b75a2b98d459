import { render } from "preact";
import { Options } from "../../pages/options.tsx";
import { readSettings } from "../../settings.ts";
import { say, speak } from "../../words.ts";

speak((await readSettings()).language);
document.title = say("options.title");
render(<Options />, document.getElementById("page")!);
