// What the page says of lists, in German.
import type { ListCode } from "../../words/codes.ts";
import { words as page } from "../../words/de.ts";
import { byCode, speech } from "../../words/speech.ts";
import type { ListWords } from "./en.ts";

const { count, moment, number } = speech("de");
const { credits, wait } = page;

const rows = (many: number) => count(many, ["Zeile", "Zeilen"]);
const people = (many: number) => count(many, ["Person", "Personen"]);

const DELIMITERS: Record<string, string> = { ",": "Kommas", ";": "Semikolons", "\t": "Tabulatoren" };

const AS_CSV = "Speichern Sie die Liste als CSV (UTF-8).";

const ISSUES: Record<ListCode, readonly [what: string, fix: string]> = {
  spreadsheet: ["Das ist die eigene Datei einer Tabellenkalkulation.", "Speichern Sie das Blatt als CSV (UTF-8)."],
  not_text: ["Das ist keine Textdatei, oder ihre Kodierung ist unbekannt.", AS_CSV],
  unclosed_quote: ["Ein Anführungszeichen wird nie geschlossen; alles danach ist eine einzige Zelle.", "Schließen oder entfernen Sie das Anführungszeichen in dem Datensatz, der in dieser Zeile beginnt."],
  not_people: ["Das ist die Liste der Nachrichten von LinkedIn, nicht die der Personen.", "Nehmen Sie Connections.csv aus demselben Archiv."],
  empty_list: ["Es gibt keine Zeilen.", "Wählen Sie eine Liste mit einer Zeile für jede Person."],
  no_columns: ["Keine Spalte nennt eine Person.", "Sagen Sie, welche Spalten eine LinkedIn-Adresse, eine E-Mail oder Name und Firma enthalten."],
  list_too_large: ["Die Liste enthält mehr, als sich auseinanderhalten lässt.", "Teilen Sie sie auf."],
  record_too_long: ["Die Zeile ist zu lang für eine Person; vielleicht ist ein Anführungszeichen nicht geschlossen.", "Prüfen Sie die Anführungszeichen dieser Zeile."],
  too_many_cells: ["Die Zeile hat mehr Zellen als die Kopfzeile; auf keine ist Verlass.", "Setzen Sie Zellen, die das Trennzeichen enthalten, in Anführungszeichen."],
  broken_text: ["Eine Zelle enthält Buchstaben in einer anderen Kodierung als der Rest der Liste.", AS_CSV],
  other_list: ["Das ist nicht die Liste, für die der Plan gemacht wurde.", "Geben Sie dieselbe Liste noch einmal an, oder machen Sie einen neuen Plan."],
  full_name_not_split: ["Welcher Teil des Namens der Nachname ist, ist nicht sicher.", "Schreiben Sie Vor- und Nachnamen in eigene Spalten."],
};
const { what, fix } = byCode(ISSUES);

export const words: ListWords = {
  rows,
  people,
  targets: {
    linkedin_url: "LinkedIn-Adresse",
    email: "E-Mail",
    first_name: "Vorname",
    last_name: "Nachname",
    full_name: "Ganzer Name",
    company_name: "Firma",
    company_website: "Website der Firma",
  },
  why: {
    caller: "Von Ihnen bestimmt",
    layout: "Erkannt am Aufbau eines bekannten Programms",
    name: "Erkannt am Namen",
    values: "Erkannt an den Werten",
    unlike: "Ignoriert: Der Name ist bekannt, aber die Werte sind etwas anderes",
    other: "Ignoriert: Eine andere Spalte geht vor",
    unknown: "Ignoriert: Der Name ist nicht bekannt",
  },
  states: {
    found: "Gefunden",
    not_found: "Nicht gefunden",
    doubt: "Vielleicht abgebucht",
    failed: "Gescheitert, nichts abgebucht",
    known: "Bekannt, kostenlos",
    waiting: "Noch nicht gesucht",
    duplicate: "Doppelt",
    invalid: "Ungültig",
    suppressed: "Nicht zu suchen",
    blank: "Leer",
  },
  flags: {
    name_split: "Der Name wurde in zwei Teile geteilt",
    name_not_split: "Der Name ließ sich nicht teilen",
    other_column: "Etwas steht in einer anderen Spalte als erwartet",
    short_row: "Die Zeile ist kürzer als die Kopfzeile",
    shared_identifier: "Hat eine Angabe mit einer anderen Zeile gemeinsam",
  },
  issue: (issue) => (Object.hasOwn(ISSUES, issue.code) ? what(issue) : null),
  trouble: (issue) => `${what(issue)}${issue.line ? ` (Zeile ${issue.line}.)` : ""} ${fix(issue) ?? ""}`,
  noColumns: "Keine Spalte ist am Namen zu erkennen. Nötig sind eine LinkedIn-Adresse, eine E-Mail oder Name und Firma.",

  title: "Die Telefonnummern einer Liste finden",
  lede: "Die Liste wird hier kostenlos gelesen und ausgezählt. Nichts verlässt diese Seite, bevor Sie starten, und vorher sehen Sie, was es höchstens kosten kann.",
  limitReached: "Das Limit ist erreicht",
  limitReachedSays: "Die Suche hat angehalten, bevor sie mehr ausgegeben hätte. Was gefunden wurde, bleibt; mit einem anderen Limit geht es weiter.",
  whichColumns: "Welche Spalten benennen eine Person?",
  broken: "Etwas ist schiefgegangen",

  choose: {
    title: "Liste wählen",
    help: "Wie muss eine Liste aussehen?",
    file: "CSV-Datei hier ablegen oder auswählen",
    pick: "Datei wählen",
    or: "oder",
    paste: "Einfügen, mit der Kopfzeile",
    read: "Eingefügte Liste lesen",
    pasted: "Eingefügte Liste",
  },
  atWork: "Die Liste wird gelesen",
  atWorkKnown: "Sie ist gelesen; jetzt sieht die Seite nach, wen sie schon kennt.",
  giveUp: "Abbrechen",

  plan: {
    parts: {
      unique: ["Zu suchen", "jede Person einmal"],
      known: ["Bekannt", "von früher, kostenlos"],
      doubt: ["Vielleicht abgebucht", "früher; nicht noch einmal gesucht"],
      duplicate: ["Doppelt", "mit einer anderen Zeile, nie gesendet"],
      invalid: ["Ungültig", "nicht gesendet; siehe Zeilen"],
      rest: ["Leer oder gesperrt", "nicht gesendet"],
    },
    replanning: "Wird neu geplant",
    most: (credits) => ["Höchstens ", credits],
    title: (ofRows, ofPeople) => `${rows(ofRows)}, ${people(ofPeople)}`,
    read: (name, layout, delimiter, encoding, header) =>
      `${name}${layout ? `, wie ${layout} sie schreibt` : ""}. ${DELIMITERS[delimiter] ? `Getrennt durch ${DELIMITERS[delimiter]}, ` : ""}${encoding}, ${header === null ? "ohne Kopfzeile" : `Kopfzeile in Datensatz ${header}`}.`,
    price: (price) => `${credits(price)} für jede gefundene Person, nichts für die anderen.`,
    wrong: (issues) => `Was an Zeilen nicht stimmt: ${issues.map(([what, many]) => `${what.replace(/\.$/, "")}: ${number(many)}`).join("; ")}.`,
    bar: (parts) => parts.map(([label, many]) => `${label}: ${number(many)}`).join(", "),
  },

  reading: {
    title: "Wie die Liste gelesen wird",
    delimiter: "Getrennt durch",
    header: "Kopfzeile",
    encoding: "Zeichensatz",
    found: (what) => `Erkannt: ${what}`,
    findOut: "Erkennen",
    noHeader: "Keine Kopfzeile",
    record: (record) => `Datensatz ${record}`,
  },
  delimiters: DELIMITERS,

  start: {
    most: "Höchstens ausgeben",
    mostAgain: "Ab jetzt höchstens ausgeben",
    wrongLimit: "Schreiben Sie eine ganze Zahl von Credits ab 1, oder nichts für kein Limit.",
    noLimit: "Credits. Es ist kein Limit gesetzt.",
    limit: "Credits. Die Suche hält an, bevor sie mehr ausgäbe.",
    atOnce: "Gleichzeitig",
    atOnceSays: "1 bis 50 Suchen",
    ladder: "Wo nichts gefunden wird, die anderen Angaben der Person versuchen",
    ladderSays: "Bezahlt wird weiterhin einmal je gefundener Person. Auch Zeilen mit einer ungültigen neben einer guten Angabe werden dann gesucht.",
    nobody: "Niemand zu suchen",
    start: (most) => `Starten – höchstens ${credits(most)}`,
    goOn: (most) => `Fortfahren – höchstens ${credits(most)}`,
    help: "Limit, Pause, Stopp: Was geschieht dabei?",
  },
  another: "Andere Liste",

  columns: {
    title: "Spalten",
    unplanned: "Sagen Sie, was die Spalten enthalten; dann wird die Liste geplant, und noch immer wird nichts gesendet.",
    planned: "Was nicht stimmt, lässt sich berichtigen; dann wird neu geplant, und noch immer wird nichts gesendet.",
    column: (place) => `Spalte ${place}`,
    noValues: "Keine Werte",
    ignored: "Ignoriert",
  },

  run: {
    parts: {
      found: ["Gefunden", ""],
      unique: ["Nicht gefunden", "kostenlos"],
      doubt: ["Vielleicht abgebucht", "nicht noch einmal gesucht"],
      invalid: ["Gescheitert", "nichts abgebucht"],
      rest: ["Noch nicht gesucht", ""],
    },
    titles: { stopped: "Gestoppt", done: "Fertig", yes: "Suche läuft", paused: "Pausiert", stopping: "Wird gestoppt" },
    charged: (credits) => ["Für diese Liste abgebucht: ", credits],
    progress: (done, all, left, reserved, limit) =>
      `${number(done)} von ${people(all)}${left === null ? "" : `, noch ${wait(left)}`}${reserved > 0 ? `, ${credits(reserved)} zurückgelegt für laufende Suchen` : ""}${limit === null ? "" : `. Limit: ${credits(limit)}`}.`,
    known: "Wer schon bekannt war, auch aus einer abgebrochenen Suche, kam jetzt kostenlos hinzu und ist im abgebuchten Betrag nicht enthalten.",
    doubt: (many) => `Bei ${people(many)} kann hier niemand wissen, ob abgebucht wurde. Sie sind unter den Zeilen eigens gekennzeichnet und werden nicht noch einmal gesucht: Das könnte ein zweites Mal kosten.`,
    pause: "Pause",
    resume: "Fortsetzen",
    stop: "Stopp",
    lookAgain: "Nachsehen, ob doch noch Antworten kamen – kostenlos",
    retry: (many, most) => `${count(many, ["kostenlos gescheiterte Suche", "kostenlos gescheiterte Suchen"])} wiederholen – höchstens ${credits(most)}`,
    help: "Was bedeuten die Zustände?",
  },

  troubles: {
    elsewhere: {
      title: "Eine Liste ist in einem anderen Tab geöffnet",
      what: "An einer Liste arbeitet immer nur ein Tab, damit nichts verloren geht. Drücken Sie dort „Andere Liste“ oder schließen Sie jenen Tab; versuchen Sie es dann hier erneut.",
    },
    erased: { title: "Diese Liste wurde gelöscht", what: "Ein anderer Tab hat sie gelöscht, seit sie hier angezeigt wurde." },
    no_room: {
      title: "Dieser Browser hat keinen Platz mehr",
      what: "Es wird nicht mehr gesendet, als aufgeschrieben werden kann. Was gefunden wurde, steht auf dieser Seite und kann exportiert werden; solange sie offen ist, versucht sie weiter, es aufzubewahren. Schaffen Sie Platz, oder löschen Sie eine frühere Liste.",
    },
    unreadable: {
      title: "Die Datei lässt sich nicht mehr lesen",
      what: "Sie wurde geändert, verschoben oder gelöscht, seit sie gewählt wurde, oder ihr Datenträger versagt. Es wurde nichts gesendet. Wählen Sie die Datei noch einmal.",
    },
  },

  export: {
    csv: "Als CSV exportieren",
    json: "Als JSON exportieren",
    file: (name) => `${name || "Liste"} mit Telefonnummern`,
    only: (shown) => `Nur die ${rows(shown)}, die der Filter zeigt`,
    writing: (percent) => `Die Datei wird geschrieben: ${percent}.`,
    failed: "Die Datei konnte nicht geschrieben werden.",
    changed: "Die Liste wurde geändert, verschoben oder gelöscht, seit Sie sie ausgewählt haben. Laden Sie die Seite neu: Sie hat eine eigene Kopie.",
  },

  figures: {
    title: "Im Verlauf",
    time: "Gezählt wird die Zeit, in der gesucht wird; Pausen nicht.",
    at: "Zeit",
    outcomes: "Personen",
    spend: "Credits",
    series: {
      found: "Gefunden",
      notFound: "Nicht gefunden",
      doubt: "Vielleicht abgebucht",
      failed: "Gescheitert, nichts abgebucht",
      spent: "Abgebucht",
      possible: "Vielleicht abgebucht",
      reserved: "Zurückgelegt",
      limit: "Limit",
    },
    noLimit: "keines",
    lost: "Das Bild konnte nicht geladen werden; die Zahlen stehen in der Tabelle.",
    table: { outcomes: "Personen als Tabelle", spend: "Credits als Tabelle" },
    now: (clock) => `Bis jetzt, nach ${clock}`,
    after: (clock) => `Nach ${clock}`,
    saysOutcomes: (clock, { found, notFound, doubt, failed }) =>
      `Nach ${clock}: ${number(found)} gefunden, ${number(notFound)} nicht gefunden, ${number(doubt)} vielleicht abgebucht, ${number(failed)} gescheitert ohne Abbuchung.`,
    saysSpend: (clock, { spent, possible, reserved, limit }) =>
      `Nach ${clock}: ${credits(spent)} abgebucht, ${number(possible)} vielleicht abgebucht, ${number(reserved)} zurückgelegt, ${limit === null ? "ohne Limit" : `von höchstens ${number(limit)}`}.`,
  },

  history: {
    title: "Frühere Listen",
    begun: (when) => (when === null ? "Begonnen, bevor das aufgeschrieben wurde." : `Begonnen am ${moment(when)}.`),
    sums: (sums) =>
      sums === null
        ? "Noch nicht gezählt: Öffnen Sie die Liste einmal."
        : `${rows(sums.rows)}, ${people(sums.people)}, ${number(sums.found)} gefunden. ${sums.spent === 0 ? "Nichts" : credits(sums.spent)} ausgegeben. ${sums.left === 0 ? "Fertig" : `${people(sums.left)} noch nicht gesucht`}.`,
    elsewhere: "In einem anderen Tab geöffnet.",
    open: "Öffnen",
    openName: (name) => `Öffnen: ${name}`,
    erase: "Löschen",
    eraseName: (name) => `Löschen: ${name}`,
    confirm: "Das entfernt die Liste, ihre Ergebnisse und jede Antwort, die zu ihren Personen aufbewahrt ist, außer sie stehen hier auf einer anderen Liste. Wer von ihnen erneut gesucht wird, kostet erneut.",
    confirmed: "Ja, diese Liste löschen",
    keep: "Behalten",
    erasing: "Die Liste wird gelöscht…",
  },

  erase: {
    says: "Das entfernt alle Listen, jede Antwort und den Zugangsschlüssel, die in diesem Browser aufbewahrt sind. Wer erneut gesucht wird, kostet erneut.",
    yes: "Ja, alles löschen",
    no: "Behalten",
    erase: "Alles löschen",
  },

  table: {
    title: "Zeilen",
    state: "Zustand",
    all: "Alle",
    search: "Suchen",
    some: (count, all) => `${number(count)} von ${rows(all)}`,
    line: "Zeile",
    person: "Person",
    phone: "Telefon",
    scrollable: "Zeilen, scrollbar",
    none: "Keine solchen Zeilen",
    duplicateOf: (line) => `Doppelt mit Zeile ${line}`,
  },
};
