// What the page says, in German.
import type { LookupKind } from "phone-enrichment";
import type { Field } from "../lookup.ts";
import type { IssueCode } from "./codes.ts";
import type { Words } from "./en.ts";
import { byCode, speech } from "./speech.ts";

const { number, percent, count, list, wait, until, compare } = speech("de");

const credits = (many: number) => count(many, ["Credit", "Credits"]);

const FIELDS: Record<Field, string> = {
  linkedin_url: "LinkedIn-Adresse",
  email: "E-Mail",
  first_name: "Vorname",
  last_name: "Nachname",
  company_name: "Firma",
  company_website: "Website der Firma",
};

const KINDS: Record<LookupKind, string> = {
  linkedin_url: "die LinkedIn-Adresse",
  email: "die E-Mail",
  name_website: "Name und Website der Firma",
  name_company: "Name und Firma",
};

const DECIDES: Record<LookupKind, string> = { ...KINDS, name_website: "die Website der Firma" };

const PROFILE = "Öffnen Sie das Profil der Person auf LinkedIn und kopieren Sie dessen Adresse.";
const COPY = "Kopieren Sie die Adresse noch einmal aus dem Browser.";
const EMAIL = "Schreiben Sie die Adresse wie jane@acme.com.";
const DOMAIN = "Geben Sie die Domain der Firma an, zum Beispiel acme.com.";
const NAME = "Geben Sie den Namen noch einmal ein.";

const ISSUES: Record<IssueCode, readonly [what: string, fix: string | null]> = {
  not_linkedin: ["Das ist keine LinkedIn-Adresse.", PROFILE],
  company_page: ["Das ist eine Firmenseite.", PROFILE],
  school_page: ["Das ist die Seite einer Hochschule.", PROFILE],
  showcase_page: ["Das ist eine Fokusseite.", PROFILE],
  directory_page: ["Das ist eine Verzeichnisseite.", PROFILE],
  job_page: ["Das ist eine Stellenanzeige.", PROFILE],
  feed_page: ["Das ist ein Beitrag oder ein Artikel.", PROFILE],
  search_page: ["Das ist eine Suchseite.", PROFILE],
  group_page: ["Das ist eine Gruppenseite.", PROFILE],
  sales_navigator: ["Das ist eine Seite des Sales Navigator.", PROFILE],
  recruiter: ["Das ist eine Seite von Recruiter.", PROFILE],
  short_link: ["Das ist ein Kurzlink.", PROFILE],
  own_profile: ["Diese Adresse führt jeden zum eigenen Profil.", PROFILE],
  legacy_pub: ["Das ist eine alte Adresse eines öffentlichen Profils.", PROFILE],
  legacy_view: ["Das ist eine alte Profiladresse.", PROFILE],
  empty_slug: ["Die Adresse nennt keine Person.", PROFILE],
  slug_too_long: ["Die Adresse ist zu lang.", COPY],
  bad_encoding: ["In der Adresse ist ein Prozentzeichen falsch verwendet.", COPY],
  forbidden_character: ["Die Adresse enthält ein Zeichen, das in keinem Profil vorkommt.", COPY],
  dot_segment: ["Die Adresse enthält einen Abschnitt aus Punkten.", COPY],
  credentials_in_url: ["Die Adresse enthält einen Benutzernamen.", COPY],
  unexpected_port: ["Die Adresse enthält einen ungewöhnlichen Port.", COPY],
  unsupported_scheme: ["Die Adresse beginnt nicht mit https.", COPY],
  no_profile: ["Das ist kein Profil.", PROFILE],
  email_syntax: ["Das ist keine E-Mail-Adresse.", EMAIL],
  email_too_long: ["Die E-Mail-Adresse ist zu lang.", EMAIL],
  email_domain: ["Nach dem @ steht keine Domain.", EMAIL],
  email_non_ascii_local: ["Vor dem @ steht ein anderer Buchstabe als a bis z.", EMAIL],
  email_ip_literal: ["Nach dem @ steht eine IP-Adresse.", EMAIL],
  website_syntax: ["Das ist keine Website.", DOMAIN],
  website_ip_address: ["Das ist eine IP-Adresse.", DOMAIN],
  website_credentials: ["Die Adresse der Website enthält einen Benutzernamen.", DOMAIN],
  website_port: ["Die Adresse der Website enthält einen ungewöhnlichen Port.", DOMAIN],
  website_special_use: ["Diese Domain ist reserviert.", DOMAIN],
  website_not_company: ["Diese Website gehört nicht einer einzelnen Firma.", DOMAIN],
  name_empty: ["Der Name enthält weder Buchstaben noch Ziffern.", NAME],
  name_too_long: ["Der Name ist zu lang.", NAME],
  name_forbidden_character: ["Der Name enthält ein unsichtbares oder defektes Zeichen.", NAME],
  unknown_field: ["Dieses Feld gibt es nicht.", null],
  wrong_type: ["Das Feld ist kein Text.", null],
  no_identifier: ["Es ist keine Person angegeben.", "Geben Sie eine LinkedIn-Adresse, eine E-Mail-Adresse oder Name und Firma an."],
  incomplete_name: ["Der Name ist unvollständig.", "Ergänzen Sie, was fehlt."],
  not_an_object: ["Das ist keine Anfrage.", null],
};
const { what: issue, fix } = byCode(ISSUES);

const SERVER_SIDE = "Das muss der Betreiber dieser Seite auf seinem Server beheben; an Ihren Angaben liegt es nicht.";

export const words: Words = {
  title: "Telefonsuche",
  language: "Sprache",
  languageLost: "Diese Sprache konnte nicht geladen werden. Versuchen Sie es erneut, wenn Sie online sind.",
  loading: "Wird geladen.",
  partLost: "Dieser Teil der Seite konnte nicht geladen werden. Laden Sie die Seite neu.",
  views: { label: "Ansichten", one: "Eine Person", list: "Eine Liste", help: "Hilfe" },
  wallet: (left, isDoubtful) => ["Guthaben: ", left, isDoubtful && " vor der letzten Suche"],

  number,
  percent,
  credits,
  list,
  wait,
  compare,
  fields: FIELDS,
  kinds: KINDS,
  charges: {
    charged: (cost) => `${credits(cost)} abgebucht`,
    "not-charged": () => "Nichts abgebucht",
    "not-sent": () => "Nicht gesendet",
    unknown: () => "Vielleicht abgebucht",
  },
  endings: {
    invalid_request: () => ({
      title: "So lässt sich niemand suchen",
      what: "Ihre Angaben benennen keine einzelne Person.",
      next: "Berichtigen Sie, was im Formular markiert ist.",
    }),
    invalid_token: () => ({
      title: "Dieser Dienst verlangt Ihren Zugangsschlüssel",
      what: "Wer ihn betreibt, gibt allen einen eigenen Schlüssel, der mit pe_ beginnt. Was er ablehnt, kostet nichts.",
      next: "Geben Sie Ihren Zugangsschlüssel ein und suchen Sie dann erneut.",
    }),
    insufficient_credits: ({ required, remainingCredits }) => ({
      title: "Zu wenig Guthaben",
      what:
        `Eine Suche setzt ${required === undefined ? "mehr Guthaben" : `ein Guthaben von ${credits(required)}`} voraus; ` +
        (typeof remainingCredits === "number" ? `vorhanden ${Math.abs(remainingCredits) === 1 ? "ist" : "sind"} noch ${credits(remainingCredits)}.` : "vorhanden ist weniger."),
      next: "Laden Sie das Guthaben auf und suchen Sie dann erneut.",
    }),
    bad_request: ({ issues }) => ({
      title: "Der Dienst hat diese Anfrage abgelehnt",
      what: issues?.length ? `Er beanstandet: ${list(issues.flatMap(({ field }) => (field ? [FIELDS[field]] : [])))}.` : "Er hat nicht gesagt, was ihn daran stört.",
      next: "Prüfen Sie Ihre Angaben, oder versuchen Sie es mit einer anderen Angabe zur selben Person.",
    }),
    forbidden: () => ({
      title: "Diese Seite darf niemanden suchen",
      what: "Der Zugang zum Dienst ist für diese Seite oder ihr Token gesperrt.",
      next: SERVER_SIDE,
    }),
    not_found_endpoint: () => ({
      title: "Der Dienst ist nicht dort, wo diese Seite ihn erwartet",
      what: "Unter der Adresse, die der Server dieser Seite anfragt, gibt es nichts.",
      next: SERVER_SIDE,
    }),
    rate_limited: ({ retryAfterMs }) =>
      retryAfterMs === undefined
        ? {
            title: "Das Limit ist erreicht",
            what: "Der Dienst nimmt vorerst keine Suchen mehr an und hat nicht gesagt, bis wann. Für Test-Token gilt ein Tageslimit.",
            next: "Kommen Sie morgen wieder, oder bitten Sie den Betreiber dieser Seite um ein anderes Token.",
          }
        : {
            title: "Zu viele Suchen auf einmal",
            what: `Der Dienst bittet, ${wait(retryAfterMs)} zu warten, bis ${until(retryAfterMs)} Uhr.`,
            next: "Suchen Sie danach erneut. Von selbst tut diese Seite es nicht.",
          },
    server_error: ({ status }) => ({
      title: "Beim Dienst ist ein Fehler aufgetreten",
      what: `Statt einer Antwort kam eine Fehlermeldung${status === undefined ? "" : ` (${status})`}.`,
      next: "",
    }),
    malformed_response: () => ({
      title: "Die Antwort ist nicht lesbar",
      what: "Der Dienst hat geantwortet, aber nicht so, dass zu erkennen wäre, ob eine Telefonnummer gefunden wurde.",
      next: "",
    }),
    timeout: () => ({
      title: "Keine Antwort in der vorgesehenen Zeit",
      what: "Der Dienst hatte nicht vollständig geantwortet, als diese Seite das Warten aufgab.",
      next: "Sie können jederzeit erneut suchen.",
    }),
    aborted: () => ({
      title: "Sie haben abgebrochen",
      what: "Diese Seite wartet nicht mehr auf die Antwort.",
      next: "Sie können jederzeit erneut suchen.",
    }),
    network: () => ({
      title: "Die Verbindung ist gescheitert",
      what: "Die Anfrage oder die Antwort ging unterwegs verloren.",
      next: "Prüfen Sie, ob Sie online sind, und suchen Sie dann erneut.",
    }),
    budget_exceeded: () => ({
      title: "Das Budget ist aufgebraucht",
      what: "Diese Suche könnte mehr kosten, als diese Seite ausgeben darf.",
      next: "Warten Sie, bis das Budget neu beginnt, oder bitten Sie den Betreiber dieser Seite, es zu erhöhen.",
    }),
    suppressed: () => ({
      title: "Diese Person wird nicht gesucht",
      what: "Sie steht auf der Liste derer, die nicht gesucht werden dürfen.",
      next: "Bitte respektieren Sie das.",
    }),
    outcome_unknown: () => ({
      title: "Wie eine frühere Suche nach dieser Person ausging, ist unbekannt",
      what: "Sie wurde möglicherweise abgebucht und deshalb nicht noch einmal gesendet.",
      next: "Vergleichen Sie Ihr Guthaben, bevor Sie erneut suchen.",
    }),
    token_in_browser: () => ({
      title: "Diese Seite ist nicht sicher eingerichtet",
      what: "Ihr wurde das Token des Dienstes mitgegeben, das hier jeder lesen könnte. Sie hat es nicht verwendet.",
      next: SERVER_SIDE,
    }),
    store_failed: () => ({
      title: "Es konnte nichts vermerkt werden",
      what: "Eine Suche wird vermerkt, bevor sie gesendet wird. Dieser Browser hat den Vermerk nicht gespeichert.",
      next: "Schaffen Sie Speicherplatz oder verlassen Sie den privaten Modus, und suchen Sie dann erneut.",
    }),
    invalid_options: () => ({
      title: "Diese Seite ist nicht richtig eingerichtet",
      what: "Die Einstellungen dieser Seite wurden abgelehnt.",
      next: SERVER_SIDE,
    }),
    wasm_unavailable: () => ({
      title: "Dieser Browser kann Ihre Angaben nicht prüfen",
      what: "Die Prüfung braucht WebAssembly, das hier nicht starten konnte. Ungeprüft wird nichts gesendet.",
      next: "Nehmen Sie einen aktuellen Browser, oder verlassen Sie den Modus, der WebAssembly abschaltet.",
    }),
    invalid_list: () => ({
      title: "Das ist keine Liste von Personen",
      what: "Der Inhalt lässt sich nicht als Liste lesen.",
      next: "Wählen Sie eine andere Datei, oder berichtigen Sie diese.",
    }),
    wasm_failed: () => ({
      title: "Die Prüfung ist abgestürzt",
      what: "Dieser Browser hat WebAssembly mittendrin beendet, wie es bei knappem Arbeitsspeicher vorkommt.",
      next: "Suchen Sie erneut: Die Prüfung beginnt von vorn, und für niemanden wird doppelt bezahlt.",
    }),
  },
  issue,
  fix: (issue) =>
    // The company’s name or its website: either will do.
    issue.missing?.length ? `Es fehlt noch: ${list(issue.missing.map((field) => (field === "company_name" ? "Firma oder deren Website" : FIELDS[field])))}.` : fix(issue),

  access: {
    label: "Zugangsschlüssel",
    refused: "Der Dienst akzeptiert diesen Zugangsschlüssel nicht",
    kept: "Zugangsschlüssel:",
    hint: "Er bleibt in diesem Browser und geht nur an den Server dieser Seite.",
    wrong: "Das ist kein Zugangsschlüssel: Er beginnt mit pe_ und hat 57 Zeichen. Das Token des Dienstes selbst gehört nicht in einen Browser. Nichts wurde aufbewahrt.",
    keep: "Auf diesem Gerät aufbewahren; sonst ist er mit diesem Tab vergessen",
    use: "Diesen Schlüssel verwenden",
    cancel: "Abbrechen",
    change: "Ändern",
    forget: "Vergessen",
    changeName: "Ändern des Zugangsschlüssels",
    forgetName: "Vergessen des Zugangsschlüssels",
  },

  form: {
    title: "Die Telefonnummer einer Person finden",
    lede: "Sagen Sie auf eine von drei Arten, wen Sie meinen. Ihre Eingaben werden hier kostenlos geprüft; nichts verlässt diese Seite, bevor Sie die Schaltfläche drücken.",
    help: "Was wird angenommen?",
    enough: "Genügt allein",
    or: "oder",
    name: "Name und Firma",
    nameHint: "Der ganze Name und die Firma oder deren Website",
    example: (text) => `z. B. ${text}`,
    nothingSent: "Es wurde nichts gesendet",
    about: (field) => `${field}: `,
    goesBy: (kind) => ["Gesucht wird über ", kind, ". Nur das wird gesendet:"],
    weaker: (kinds) => `Nicht gesendet, weil eine Angabe genügt: ${list(kinds)}.`,
    notSent: (what) => `Nicht gesendet: ${what}`,
    unfinishedName: "der unvollständige Name.",
    mend: (fields) => ["Zu berichtigen: ", fields, "."],
    request: "die Anfrage",
    fillIn: "Füllen Sie eines der drei aus.",
    again: (price) => `Die letzte Suche nach dieser Person wurde möglicherweise abgebucht. Erneut zu suchen kann ein zweites Mal ${credits(price)} kosten.`,
    acceptAgain: "Ich nehme das in Kauf und möchte diese Person erneut suchen",
    send: "Suchen",
    sending: "Suche läuft …",
    spend: (price) => `Suchen – ${credits(price)} bei Erfolg`,
    spendAgain: (price) => `Erneut suchen – kann weitere ${credits(price)} kosten`,
    showAgain: "Noch einmal zeigen – kostenlos",
  },

  result: {
    cancelling: "Wird abgebrochen.",
    looking: "Suche läuft.",
    costs: "Was eine Suche kostet",
    when: {
      charged: "Eine Telefonnummer wurde gefunden.",
      "not-charged": "Keine Telefonnummer wurde gefunden, oder der Dienst hat abgelehnt.",
      "not-sent": "Nach Ihren Angaben lässt sich nicht suchen. Sie bleiben hier.",
      unknown: "Die Antwort ging unterwegs verloren oder kam zu spät: Hier kann es niemand wissen. Von selbst wird nie ein zweites Mal gesendet.",
    },
    lookingTitle: "Suche läuft",
    goingBy: "Über",
    wentBy: "Gesucht über",
    cancel: "Abbrechen",
    cancelSays: "Das beendet nur das Warten. Der Dienst hat die Anfrage und kann trotzdem abbuchen.",
    found: "Telefonnummer gefunden",
    notFound: "Keine Telefonnummer gefunden",
    phone: "Telefon",
    email: "E-Mail",
    copyPhone: "Telefonnummer kopieren",
    copyEmail: "E-Mail kopieren",
    copy: "Kopieren",
    copied: "Kopiert",
    marked: "Markiert: kopieren Sie es mit der Tastatur oder dem Menü",
    call: "Anrufen",
    callNumber: (phone) => `${phone} anrufen`,
    withoutCountry: "So geschrieben, wie der Dienst sie hat. Zu welchem Land sie gehört, sagt er nicht oder nicht eindeutig; deshalb lässt sie sich von hier nicht anrufen.",
    free: (message) => ["Eine Suche ohne Ergebnis ist kostenlos. Der Dienst sagt: ", message],
    goWeaker: (went, weaker) => `Gesucht wurde nur über ${KINDS[went]}. Um über ${KINDS[weaker]} zu suchen, leeren Sie ${DECIDES[went]}.`,
    goElsewhere: "Vielleicht kennt der Dienst dieselbe Person unter einer anderen Angabe: Versuchen Sie eine, die Sie noch nicht gemacht haben.",
    kept: "Diese Seite hat die Antwort von vorhin: Es wurde nichts gesendet.",
    cost: "Kosten",
    nothing: "Keine",
    left: "Restguthaben",
    leftUnknown: "Vom Dienst nicht angegeben",
    lost: (price) => `Die Anfrage war schon unterwegs; niemand kann hier wissen, ob der Dienst die Suche ausgeführt hat. Hat er eine Telefonnummer gefunden, so hat das ${credits(price)} gekostet.`,
    compareWallet: (before, price) =>
      (before === null
        ? "Sehen Sie beim Dienst in Ihr Guthaben: Ist es gesunken, so wurde diese Suche abgebucht. "
        : `Sehen Sie beim Dienst in Ihr Guthaben. Vorher betrug es ${credits(before)}; beträgt es jetzt ${credits(before - price)}, so wurde diese Suche abgebucht. `) +
      "Suchen Sie diese Person nur dann erneut, wenn Sie in Kauf nehmen, ein zweites Mal zu bezahlen.",
    next: "Wie geht es weiter?",
    broken: "Diese Seite ist gescheitert",
    brokenSays: "In der Seite selbst ist ein Fehler aufgetreten.",
    reload: "Laden Sie die Seite neu.",
    support: "Für den Support",
    code: "Code",
    message: "Meldung",
    status: "HTTP-Status",
    lookup: "Suche",
    reply: "So begann die Antwort. Sie kann personenbezogene Daten enthalten: Sehen Sie nach, bevor Sie sie weitergeben.",
  },
};
