// What the page says of lists, in French.
import type { ListCode } from "../../words/codes.ts";
import { words as page } from "../../words/fr.ts";
import { byCode, speech } from "../../words/speech.ts";
import type { ListWords } from "./en.ts";

const { count, moment, number } = speech("fr");
const { credits, wait } = page;

const rows = (many: number) => count(many, ["ligne", "lignes", "de lignes"]);
const people = (many: number) => count(many, ["personne", "personnes", "de personnes"]);

const DELIMITERS: Record<string, string> = { ",": "des virgules", ";": "des points-virgules", "\t": "des tabulations" };

const AS_CSV = "Enregistrez la liste au format CSV (UTF-8).";

const ISSUES: Record<ListCode, readonly [what: string, fix: string]> = {
  spreadsheet: ["C’est le fichier propre d’un tableur.", "Enregistrez la feuille au format CSV (UTF-8)."],
  not_text: ["Ce n’est pas un fichier texte, ou son encodage est inconnu.", AS_CSV],
  unclosed_quote: ["Un guillemet n’est jamais fermé ; tout ce qui suit forme une seule cellule.", "Fermez ou supprimez le guillemet de l’enregistrement qui commence à cette ligne."],
  not_people: ["C’est la liste des messages de LinkedIn, pas celle des personnes.", "Prenez Connections.csv dans la même archive."],
  empty_list: ["Il n’y a aucune ligne.", "Choisissez une liste avec une ligne par personne."],
  no_columns: ["Aucune colonne ne désigne une personne.", "Dites quelles colonnes contiennent une adresse LinkedIn, un e-mail, ou un nom et une entreprise."],
  list_too_large: ["La liste contient plus que ce qu’il est possible de distinguer.", "Divisez-la."],
  record_too_long: ["La ligne est trop longue pour une personne ; un guillemet est peut-être resté ouvert.", "Vérifiez les guillemets de cette ligne."],
  too_many_cells: ["La ligne a plus de cellules que l’en-tête ; aucune n’est fiable.", "Mettez entre guillemets les cellules qui contiennent le séparateur."],
  broken_text: ["Une cellule contient des lettres dans un autre encodage que le reste de la liste.", AS_CSV],
  other_list: ["Ce n’est pas la liste pour laquelle le plan a été fait.", "Donnez de nouveau la même liste, ou faites un nouveau plan."],
  full_name_not_split: ["Il n’est pas certain de savoir où commence le nom de famille.", "Mettez le prénom et le nom dans des colonnes séparées."],
};
const { what, fix } = byCode(ISSUES);

export const words: ListWords = {
  rows,
  people,
  targets: {
    linkedin_url: "Adresse LinkedIn",
    email: "E-mail",
    first_name: "Prénom",
    last_name: "Nom",
    full_name: "Nom complet",
    company_name: "Entreprise",
    company_website: "Site de l’entreprise",
  },
  why: {
    caller: "Indiqué par vous",
    layout: "Reconnue à la disposition d’un outil connu",
    name: "Reconnue à son nom",
    values: "Reconnue à ses valeurs",
    unlike: "Ignorée : son nom est connu, mais ses valeurs sont autre chose",
    other: "Ignorée : une autre colonne passe avant elle",
    unknown: "Ignorée : son nom n’est pas connu",
  },
  states: {
    found: "Trouvé",
    not_found: "Non trouvé",
    doubt: "Peut-être débité",
    failed: "Échec, non débité",
    known: "Connu, gratuit",
    waiting: "Pas encore recherché",
    duplicate: "Doublon",
    invalid: "Non valable",
    suppressed: "À ne pas rechercher",
    blank: "Vide",
  },
  flags: {
    name_split: "Le nom a été coupé en deux",
    name_not_split: "Le nom n’a pas pu être coupé",
    other_column: "Quelque chose se trouve dans une autre colonne que prévu",
    short_row: "La ligne est plus courte que l’en-tête",
    shared_identifier: "Partage une indication avec une autre ligne",
  },
  issue: (issue) => (Object.hasOwn(ISSUES, issue.code) ? what(issue) : null),
  trouble: (issue) => `${what(issue)}${issue.line ? ` (Ligne ${issue.line}.)` : ""} ${fix(issue) ?? ""}`,
  noColumns: "Aucune colonne n’est connue par son nom. Il faut une adresse LinkedIn, un e-mail, ou un nom et une entreprise.",

  title: "Trouver les numéros de téléphone d’une liste",
  lede: "La liste est lue et comptée ici, gratuitement. Rien ne quitte cette page avant que vous ne lanciez la recherche, et vous voyez d’abord ce qu’elle peut coûter au plus.",
  limitReached: "La limite est atteinte",
  limitReachedSays: "La recherche s’est arrêtée avant de dépenser davantage. Ce qui a été trouvé est conservé ; avec une autre limite, elle continue.",
  whichColumns: "Quelles colonnes désignent une personne ?",
  broken: "Quelque chose s’est mal passé",

  choose: {
    title: "Choisir une liste",
    help: "Comment doit être une liste ?",
    file: "Déposez un fichier CSV ici, ou choisissez-en un",
    pick: "Choisir un fichier",
    or: "ou",
    paste: "Collez-la, avec la ligne d’en-têtes",
    read: "Lire la liste collée",
    pasted: "Liste collée",
  },
  atWork: "Lecture de la liste",
  atWorkKnown: "Elle est lue ; la page cherche maintenant qui elle connaît déjà.",
  giveUp: "Abandonner",

  plan: {
    parts: {
      unique: ["À rechercher", "chacun une fois"],
      known: ["Connus", "déjà trouvés, gratuits"],
      doubt: ["Peut-être débité", "auparavant ; sans nouvelle recherche"],
      duplicate: ["Doublons", "d’une autre ligne, jamais envoyés"],
      invalid: ["Non valables", "non envoyés ; voir les lignes"],
      rest: ["Vides ou exclus", "non envoyés"],
    },
    replanning: "Nouveau plan en cours",
    most: (credits) => ["Au plus ", credits],
    title: (ofRows, ofPeople) => `${rows(ofRows)}, ${people(ofPeople)}`,
    read: (name, layout, delimiter, encoding, header) =>
      `${name}${layout ? `, tel que l’écrit ${layout}` : ""}. ${DELIMITERS[delimiter] ? `Séparé par ${DELIMITERS[delimiter]}, ` : ""}${encoding}, ${header === null ? "sans en-tête" : `en-tête dans l’enregistrement ${header}`}.`,
    price: (price) => `${credits(price)} pour chaque personne trouvée, rien pour les autres.`,
    wrong: (issues) => `Ce qui ne va pas dans les lignes : ${issues.map(([what, many]) => `${what.replace(/\.$/, "")} : ${number(many)}`).join(" ; ")}.`,
    bar: (parts) => parts.map(([label, many]) => `${label} : ${number(many)}`).join(", "),
  },

  reading: {
    title: "Comment la liste est lue",
    delimiter: "Séparateur",
    header: "En-tête",
    encoding: "Encodage",
    found: (what) => `Reconnu : ${what}`,
    findOut: "Reconnaître",
    noHeader: "Sans en-tête",
    record: (record) => `Enregistrement ${record}`,
  },
  delimiters: DELIMITERS,

  start: {
    most: "Dépenser au plus",
    mostAgain: "Dépenser au plus, désormais",
    wrongLimit: "Écrivez un nombre entier de crédits à partir de 1, ou rien pour ne pas fixer de limite.",
    noLimit: "Crédits. Aucune limite n’est fixée.",
    limit: "Crédits. La recherche s’arrête avant de dépenser davantage.",
    atOnce: "À la fois",
    atOnceSays: "1 à 50 recherches",
    ladder: "Si rien n’est trouvé, essayer les autres identifiants de la personne",
    ladderSays: "Toujours un seul paiement par personne trouvée. Les lignes dont un identifiant n’est pas valable à côté d’un bon sont recherchées elles aussi.",
    nobody: "Personne à rechercher",
    start: (most) => `Lancer – ${credits(most)} au plus`,
    goOn: (most) => `Continuer – ${credits(most)} au plus`,
    help: "Limite, pause, arrêt : que se passe-t-il ?",
  },
  another: "Autre liste",

  columns: {
    title: "Colonnes",
    unplanned: "Dites ce que contiennent les colonnes ; le plan de la liste est alors établi, et rien n’est encore envoyé.",
    planned: "Ce qui est faux peut être corrigé ; le plan est alors refait, et rien n’est encore envoyé.",
    column: (place) => `Colonne ${place}`,
    noValues: "Aucune valeur",
    ignored: "Ignorée",
  },

  run: {
    parts: {
      found: ["Trouvés", ""],
      unique: ["Non trouvés", "gratuit"],
      doubt: ["Peut-être débité", "sans nouvelle recherche"],
      invalid: ["Échecs", "non débités"],
      rest: ["Pas encore recherchés", ""],
    },
    titles: { stopped: "Arrêté", done: "Terminé", yes: "Recherche en cours", paused: "En pause", stopping: "Arrêt en cours" },
    charged: (credits) => ["Débité pour cette liste : ", credits],
    progress: (done, all, left, reserved, limit) =>
      `${number(done)} sur ${people(all)}${left === null ? "" : `, encore ${wait(left)}`}${reserved > 0 ? `, ${credits(reserved)} mis de côté pour les recherches en cours` : ""}${limit === null ? "" : `. Limite : ${credits(limit)}`}.`,
    known: "Ceux qui étaient déjà connus, même par une recherche interrompue, sont gratuits cette fois et ne comptent pas dans ce qui a été débité.",
    doubt: (many) => `Pour ${people(many)}, personne ne peut savoir ici s’il y a eu un débit. Ces cas sont mis à part dans les lignes, et cette page ne relance pas leur recherche : elle pourrait coûter une seconde fois.`,
    pause: "Pause",
    resume: "Reprendre",
    stop: "Arrêter",
    lookAgain: "Voir si des réponses sont arrivées malgré tout – gratuit",
    retry: (many, most) => `Relancer ${number(many)} ${many < 2 ? "échec gratuit" : "échecs gratuits"} – ${credits(most)} au plus`,
    help: "Que signifient les états ?",
  },

  troubles: {
    elsewhere: {
      title: "Une liste est ouverte dans un autre onglet",
      what: "Un seul onglet à la fois travaille sur une liste, pour que rien ne se perde. Appuyez sur « Autre liste » dans cet onglet, ou fermez-le ; puis réessayez ici.",
    },
    erased: { title: "Cette liste a été effacée", what: "Un autre onglet l’a effacée depuis qu’elle est affichée ici." },
    no_room: {
      title: "Ce navigateur n’a plus de place",
      what: "Rien n’est envoyé au-delà de ce qui peut être noté. Ce qui a été trouvé est sur cette page et peut être exporté ; tant qu’elle est ouverte, elle essaie encore de le conserver. Libérez de la place, ou effacez une liste précédente.",
    },
    unreadable: {
      title: "Le fichier ne peut plus être lu",
      what: "Il a été modifié, déplacé ou supprimé depuis qu’il a été choisi, ou son disque est défaillant. Rien n’a été envoyé. Choisissez le fichier à nouveau.",
    },
  },

  export: {
    csv: "Exporter en CSV",
    json: "Exporter en JSON",
    file: (name) => `${name || "liste"} avec téléphones`,
    only: (shown) => `Seulement ce que le filtre montre (${rows(shown)})`,
    writing: (percent) => `Écriture du fichier : ${percent}.`,
    failed: "Le fichier n’a pas pu être écrit.",
    changed: "La liste a été modifiée, déplacée ou supprimée depuis que vous l’avez choisie. Rechargez la page : elle en a une copie.",
  },

  figures: {
    title: "Au fil du temps",
    time: "Seul le temps de recherche compte, sans les pauses.",
    at: "Temps",
    outcomes: "Personnes",
    spend: "Crédits",
    series: {
      found: "Trouvés",
      notFound: "Non trouvés",
      doubt: "Peut-être débités",
      failed: "Échecs, non débités",
      spent: "Débités",
      possible: "Peut-être débités",
      reserved: "Mis de côté",
      limit: "Limite",
    },
    noLimit: "aucune",
    lost: "L’image n’a pas pu être chargée ; les chiffres sont dans le tableau.",
    table: { outcomes: "Personnes en tableau", spend: "Crédits en tableau" },
    now: (clock) => `Jusqu’ici, après ${clock}`,
    after: (clock) => `Après ${clock}`,
    saysOutcomes: (clock, { found, notFound, doubt, failed }) =>
      `Après ${clock} : ${number(found)} trouvés, ${number(notFound)} non trouvés, ${number(doubt)} peut-être débités, ${number(failed)} échecs sans débit.`,
    saysSpend: (clock, { spent, possible, reserved, limit }) =>
      `Après ${clock} : ${credits(spent)} débités, ${number(possible)} peut-être débités, ${number(reserved)} mis de côté, ${limit === null ? "sans limite" : `sur ${number(limit)} au plus`}.`,
  },

  history: {
    title: "Listes précédentes",
    begun: (when) => (when === null ? "Commencée avant que cela soit noté." : `Commencée le ${moment(when)}.`),
    sums: (sums) =>
      sums === null
        ? "Pas encore comptée : ouvrez-la une fois."
        : `${rows(sums.rows)}, ${people(sums.people)}, dont trouvées : ${number(sums.found)}. Dépense : ${credits(sums.spent)}. ${sums.left === 0 ? "Terminée" : `Pas encore cherchées : ${people(sums.left)}`}.`,
    elsewhere: "Ouverte dans un autre onglet.",
    open: "Ouvrir",
    openName: (name) => `Ouvrir ${name}`,
    erase: "Effacer",
    eraseName: (name) => `Effacer ${name}`,
    confirm: "Cela supprime la liste, ses résultats et toutes les réponses conservées pour ses personnes, sauf si elles sont sur une autre liste ici. Toute nouvelle recherche de l’une d’elles coûte de nouveau.",
    confirmed: "Oui, effacer cette liste",
    keep: "Conserver",
    erasing: "La liste est en cours d’effacement…",
  },

  erase: {
    says: "Cela supprime toutes les listes, toutes les réponses et la clé d’accès conservées dans ce navigateur. Toute nouvelle recherche d’une personne coûte de nouveau.",
    yes: "Oui, tout effacer",
    no: "Conserver",
    erase: "Tout effacer",
  },

  table: {
    title: "Lignes",
    state: "État",
    all: "Tous",
    search: "Chercher",
    some: (count, all) => `${number(count)} sur ${rows(all)}`,
    line: "Ligne",
    person: "Personne",
    phone: "Téléphone",
    scrollable: "Lignes, défilantes",
    none: "Aucune ligne de ce genre",
    duplicateOf: (line) => `Doublon de la ligne ${line}`,
  },
};
