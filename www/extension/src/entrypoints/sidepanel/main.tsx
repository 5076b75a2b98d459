import { render } from "preact";
import { follow } from "../../pages/beside.ts";
import { Panel } from "../../pages/panel.tsx";
import { readSettings } from "../../settings.ts";
import { say, speak } from "../../words.ts";

speak((await readSettings()).language);
document.title = say("title");
render(<Panel />, document.getElementById("page")!);
follow();
