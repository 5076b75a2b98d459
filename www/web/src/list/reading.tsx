// How a list is read, for whoever knows better than what was found out.
import type { Plan } from "phone-enrichment/lists";
import type { Reading } from "./book.ts";
import { list, reread } from "./run.ts";
import { listWords } from "./words.ts";

/** Of the many that browsers know, those that lists of people come in. */
const ENCODINGS = ["utf-8", "windows-1252", "windows-1250", "windows-1251", "windows-1254", "macintosh", "shift_jis", "gb18030", "big5", "euc-kr"];
/** How far down a header is looked for by a person; the package goes further. */
const HEADERS = 10;

export function ReadingOf({ plan }: { plan: Plan }) {
  const { reading: says, delimiters } = listWords.value;
  const { delimiter, header, encoding } = list.value?.reading ?? {};
  const headerText = (record: number | null) => (record ? says.record(record) : says.noHeader);
  return (
    <details class="reading">
      <summary>{says.title}</summary>
      <div class="fields">
        <Choice
          id="delimiter"
          label={says.delimiter}
          chosen={delimiter}
          found={delimiters[plan.delimiter] ?? plan.delimiter}
          options={Object.entries(delimiters)}
          choose={(text) => ({ delimiter: text as Reading["delimiter"] })}
        />
        <Choice
          id="header"
          label={says.header}
          chosen={header === undefined ? undefined : String(header)}
          found={headerText(plan.header)}
          options={Array.from({ length: HEADERS + 1 }, (_, record) => [String(record), headerText(record)])}
          choose={(text) => ({ header: text === undefined ? undefined : Number(text) })}
        />
        <Choice id="encoding" label={says.encoding} chosen={encoding} found={plan.encoding} options={ENCODINGS.map((name) => [name, name])} choose={(text) => ({ encoding: text })} />
      </div>
    </details>
  );
}

interface ChoiceProps {
  id: string;
  label: string;
  /** What a person said; nothing where it is found out. */
  chosen: string | undefined;
  found: string;
  options: [value: string, label: string][];
  choose: (value: string | undefined) => Reading;
}

function Choice({ id, label, chosen, found, options, choose }: ChoiceProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={chosen ?? ""} onChange={({ currentTarget: { value } }) => void reread(choose(value || undefined))}>
        <option value="">{chosen === undefined ? listWords.value.reading.found(found) : listWords.value.reading.findOut}</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
