// The help, in German.
import { words as page } from "../../words/de.ts";
import type { HelpWords } from "./en.ts";

export const words: HelpWords = {
  title: "Hilfe",
  contents: "Inhalt",
  sections: (price) => ({
    costs: {
      title: "Was kostet es?",
      texts: [
        `Eine Suche kostet ${page.credits(price)}, wenn eine Telefonnummer gefunden wird. Eine E-Mail-Adresse, die dabei ist, kostet nichts.`,
        "Nichts wird abgebucht:",
        ["wenn keine Telefonnummer gefunden wird,", "wenn der Dienst ablehnt, etwa weil er überlastet ist,", "wenn sich nach Ihren Angaben nicht suchen lässt: dann wird gar nichts gesendet,", "wenn dieser Browser die Antwort schon hat."],
        `Vor jeder Suche muss das Guthaben ${page.credits(price)} betragen, auch wenn am Ende nichts gefunden wird. In einer Liste kostet jede Person einmal, gleich wie viele Zeilen sie hat.`,
        "Nur wenn eine Antwort unterwegs verloren ging, kann es niemand wissen. Die Seite sagt das dann und sendet nie von selbst ein zweites Mal.",
      ],
    },
    people: {
      title: "Wer lässt sich suchen?",
      texts: [
        "Eine dieser Angaben genügt. Machen Sie mehrere, so wird nur die erste davon gesendet:",
        ["die Adresse des LinkedIn-Profils der Person,", "eine E-Mail-Adresse,", "Vorname, Nachname und Website der Firma,", "Vorname, Nachname und Name der Firma."],
        "Groß- und Kleinschreibung, Leerzeichen und Anhängsel einer Adresse spielen keine Rolle: Zwei Schreibweisen einer Person sind dieselbe Person, und für sie wird nicht doppelt bezahlt.",
      ],
    },
    states: { title: "Was bedeuten die Zustände?", texts: ["Jedes Ergebnis sagt, was es gekostet hat, in Worten, mit einem Zeichen und in einer eigenen Farbe:"] },
    list: {
      title: "Wie muss eine Liste aussehen?",
      texts: [
        [
          "Eine Textdatei mit einer Zeile für jede Person und einer Kopfzeile: CSV, getrennt durch Kommas, Semikolons oder Tabulatoren. Sie können sie auch einfügen.",
          "Aus Excel speichern Sie sie als „CSV UTF-8“. Aus Google Tabellen oder Numbers laden oder exportieren Sie sie als CSV. Die eigene Datei der Tabellenkalkulation (.xlsx) wird nicht gelesen.",
          "Für Umlaute und Akzente ist UTF-8 am besten; auch UTF-16 und Windows-1252 werden gelesen.",
          "Spalten werden am Namen erkannt, zum Beispiel Vorname, Nachname, Firma, Website, E-Mail oder LinkedIn-URL, auch auf Englisch, Französisch, Spanisch, Italienisch und Niederländisch. Eine Notiz über der Kopfzeile wird übersprungen.",
          "Exporte aus LinkedIn, Apollo, HubSpot, Salesforce, Pipedrive, ZoomInfo, Outlook, Google Kontakte und anderen lassen sich unverändert verwenden.",
          "Vor dem Start zeigt die Seite, wie sie jede Spalte gelesen hat. Was nicht stimmt, können Sie ändern; auch das Trennzeichen, die Kopfzeile und den Zeichensatz.",
        ],
      ],
    },
    run: {
      title: "Limit, Pause und Stopp",
      texts: [
        [
          "„Höchstens ausgeben“ ist das Limit für einen Durchgang. Er hält an, bevor er mehr ausgäbe. Bleibt das Feld leer, gibt es kein Limit.",
          "„Gleichzeitig“ gibt an, wie viele Suchen zur selben Zeit laufen.",
          "Zu einer Person kann es mehrere Angaben geben. Gesendet wird eine. Wenn Sie das Kästchen ankreuzen, wird die nächste versucht, wo nichts gefunden wurde: Das dauert länger und wird weiterhin einmal bezahlt.",
          "Pause: Es wird nichts mehr gesendet. Was schon läuft, läuft zu Ende. Mit „Fortsetzen“ geht es weiter.",
          "Stopp: Ebenso, und der Durchgang endet. Mit allen, die noch nicht gesucht wurden, können Sie später fortfahren.",
          "Lassen Sie die Seite offen, solange gesucht wird. Ihre anderen Teile können Sie währenddessen benutzen.",
        ],
        "Wird der Tab geschlossen oder stürzt der Browser ab, öffnen Sie die Liste wieder: Sie ist, wie sie war, und Sie können fortfahren. Für niemanden wird doppelt bezahlt. Die Suchen, die in jenem Augenblick liefen, wurden möglicherweise abgebucht. Sie sind gekennzeichnet und werden nicht wiederholt; ob ihre Antworten doch noch kamen, können Sie kostenlos nachsehen.",
      ],
    },
    export: {
      title: "Export",
      texts: ["Ergebnisse lassen sich jederzeit exportieren, auch während gesucht wird: als CSV für Tabellenkalkulationen oder als JSON für Programme. Jede Zeile sagt ihren Zustand, was gefunden wurde und was es gekostet hat. Die Datei entsteht in diesem Browser; gesendet wird nichts. Eine Zelle, die eine Tabellenkalkulation als Formel ausführen würde, bekommt vorn einen Apostroph."],
    },
    kept: {
      title: "Was bleibt in diesem Browser?",
      texts: [
        [
          "Von der Suche nach einer Person: nichts, solange Sie in diesem Browser nicht „Eine Liste“ geöffnet haben; danach ihre Antwort, wie bei einer Liste.",
          "Jede Liste, die gestartet wurde, ihre Ergebnisse und jede Antwort, damit für niemanden doppelt bezahlt wird. Unter „Frühere Listen“ lassen sie sich öffnen und löschen. Antworten bleiben 30 Tage, wenn eine Telefonnummer gefunden wurde, sonst einen Tag.",
          "Ihr Zugangsschlüssel, wenn der Dienst einen verlangt: bis der Tab geschlossen wird, oder auf diesem Gerät, wenn Sie es so wollten. Oben auf der Seite lässt er sich ändern und vergessen.",
          "Die Sprache, wenn Sie eine gewählt haben.",
        ],
        "„Alles löschen“ auf der Seite der Liste entfernt alle Listen, Antworten und den Zugangsschlüssel. Wer danach erneut gesucht wird, kostet erneut. Die Sprache verschwindet mit den Daten dieser Website, in den Einstellungen des Browsers.",
        "Gesendet wird nur, wen Sie suchen, und nur an den Suchdienst, über den Server dieser Seite.",
      ],
    },
    keyboard: {
      title: "Tastatur",
      texts: [
        [
          "Tab führt zum nächsten Feld, Knopf oder Link, Umschalt+Tab zurück.",
          "Die Eingabetaste in einem Feld sucht, wie die Schaltfläche. Stimmt etwas nicht, wandert der Fokus dorthin, wo es steht; die Eingabetaste führt von dort zum Feld.",
          "Nach einer Suche ist der Fokus auf dem Ergebnis.",
          "In den Zeilen einer Liste blättern Pfeiltasten, Bild auf, Bild ab, Pos 1 und Ende. Die Eingabetaste auf dem Namen einer Spalte sortiert nach ihr, noch einmal gedrückt umgekehrt.",
        ],
        "Ob hell oder dunkel und mit wie viel Bewegung, richtet sich nach Ihrem System.",
      ],
    },
  }),
  taken: "Angenommen",
  refused: "Abgelehnt",
  states: {
    charged: "Eine Telefonnummer wurde gefunden; das hat sie gekostet.",
    "not-charged": "Es kam eine Antwort, aber keine Telefonnummer. Das ist mit Sicherheit kostenlos.",
    "not-sent": "Nichts hat diese Seite verlassen, also kann nichts kosten.",
    unknown: "Die Anfrage ging hinaus, und die Antwort ging verloren. Sehen Sie in Ihr Guthaben, bevor Sie diese Person erneut suchen: Es kann ein zweites Mal kosten.",
  },
  rows: "Die Zeilen einer Liste haben noch einige Zustände mehr:",
  rowStates: {
    known: "Die Antwort ist von früher da. Es wird nicht noch einmal gesucht.",
    failed: "Die Suche ist gescheitert, mit Sicherheit kostenlos. Sie lässt sich wiederholen.",
    waiting: "Für diese Zeile wurde bisher nichts gesendet.",
    duplicate: "Dieselbe Person steht in einer früheren Zeile und wird einmal gesucht.",
    invalid: "Die Zeile nennt niemanden, der sich suchen lässt. Der Grund steht dabei.",
  },
};
