// What the page says, in French. Before ; : ! ? and within « » stands a narrow space that does not break (U+202F).
import type { LookupKind } from "phone-enrichment";
import type { Field } from "../lookup.ts";
import type { IssueCode } from "./codes.ts";
import type { Words } from "./en.ts";
import { byCode, speech } from "./speech.ts";

const { number, percent, count, list, wait, until, compare } = speech("fr");

const credits = (many: number) => count(many, ["crédit", "crédits", "de crédits"]);

const FIELDS: Record<Field, string> = {
  linkedin_url: "Adresse LinkedIn",
  email: "E-mail",
  first_name: "Prénom",
  last_name: "Nom",
  company_name: "Entreprise",
  company_website: "Site de l’entreprise",
};

/** The fields within a sentence. */
const NAMED: Record<Field, string> = {
  linkedin_url: "l’adresse LinkedIn",
  email: "l’e-mail",
  first_name: "le prénom",
  last_name: "le nom",
  company_name: "l’entreprise",
  company_website: "le site de l’entreprise",
};

const KINDS: Record<LookupKind, string> = {
  linkedin_url: "l’adresse LinkedIn",
  email: "l’e-mail",
  name_website: "le nom et le site de l’entreprise",
  name_company: "le nom et l’entreprise",
};

const DECIDES: Record<LookupKind, string> = { ...KINDS, name_website: "le site de l’entreprise" };

const PROFILE = "Ouvrez le profil de la personne sur LinkedIn et copiez son adresse.";
const COPY = "Copiez de nouveau l’adresse depuis le navigateur.";
const EMAIL = "Écrivez l’adresse sous la forme jane@acme.com.";
const DOMAIN = "Indiquez le domaine de l’entreprise, par exemple acme.com.";
const NAME = "Saisissez de nouveau le nom.";

const ISSUES: Record<IssueCode, readonly [what: string, fix: string | null]> = {
  not_linkedin: ["Ce n’est pas une adresse LinkedIn.", PROFILE],
  company_page: ["C’est la page d’une entreprise.", PROFILE],
  school_page: ["C’est la page d’une école.", PROFILE],
  showcase_page: ["C’est une page vitrine.", PROFILE],
  directory_page: ["C’est une page d’annuaire.", PROFILE],
  job_page: ["C’est une offre d’emploi.", PROFILE],
  feed_page: ["C’est un post ou un article.", PROFILE],
  search_page: ["C’est une page de recherche.", PROFILE],
  group_page: ["C’est la page d’un groupe.", PROFILE],
  sales_navigator: ["C’est une page de Sales Navigator.", PROFILE],
  recruiter: ["C’est une page de Recruiter.", PROFILE],
  short_link: ["C’est un lien raccourci.", PROFILE],
  own_profile: ["Cette adresse mène chacun à son propre profil.", PROFILE],
  legacy_pub: ["C’est une ancienne adresse de profil public.", PROFILE],
  legacy_view: ["C’est une ancienne adresse de profil.", PROFILE],
  empty_slug: ["L’adresse ne désigne personne.", PROFILE],
  slug_too_long: ["L’adresse est trop longue.", COPY],
  bad_encoding: ["Un signe % est mal employé dans l’adresse.", COPY],
  forbidden_character: ["L’adresse contient un caractère qu’aucun profil ne contient.", COPY],
  dot_segment: ["L’adresse contient un segment fait de points.", COPY],
  credentials_in_url: ["L’adresse contient un nom d’utilisateur.", COPY],
  unexpected_port: ["L’adresse contient un port inhabituel.", COPY],
  unsupported_scheme: ["L’adresse ne commence pas par https.", COPY],
  no_profile: ["Ce n’est pas un profil.", PROFILE],
  email_syntax: ["Ce n’est pas une adresse e-mail.", EMAIL],
  email_too_long: ["L’adresse e-mail est trop longue.", EMAIL],
  email_domain: ["Ce qui suit @ n’est pas un domaine.", EMAIL],
  email_non_ascii_local: ["Une lettre autre que a à z précède @.", EMAIL],
  email_ip_literal: ["Ce qui suit @ est une adresse IP.", EMAIL],
  website_syntax: ["Ce n’est pas un site web.", DOMAIN],
  website_ip_address: ["C’est une adresse IP.", DOMAIN],
  website_credentials: ["L’adresse du site contient un nom d’utilisateur.", DOMAIN],
  website_port: ["L’adresse du site contient un port inhabituel.", DOMAIN],
  website_special_use: ["Ce domaine est réservé.", DOMAIN],
  website_not_company: ["Ce site n’est pas celui d’une seule entreprise.", DOMAIN],
  name_empty: ["Le nom ne contient ni lettre ni chiffre.", NAME],
  name_too_long: ["Le nom est trop long.", NAME],
  name_forbidden_character: ["Le nom contient un caractère invisible ou défectueux.", NAME],
  unknown_field: ["Ce champ n’existe pas.", null],
  wrong_type: ["Le champ n’est pas du texte.", null],
  no_identifier: ["Aucune personne n’est indiquée.", "Indiquez une adresse LinkedIn, une adresse e-mail, ou un nom et une entreprise."],
  incomplete_name: ["Le nom est incomplet.", "Complétez ce qui manque."],
  not_an_object: ["Ce n’est pas une demande.", null],
};
const { what: issue, fix } = byCode(ISSUES);

const SERVER_SIDE = "C’est au responsable de cette page de corriger cela sur son serveur ; votre saisie n’y peut rien.";

export const words: Words = {
  title: "Recherche de téléphone",
  language: "Langue",
  languageLost: "Cette langue n’a pas pu être chargée. Réessayez une fois en ligne.",
  loading: "Chargement.",
  partLost: "Cette partie de la page n’a pas pu être chargée. Rechargez la page.",
  views: { label: "Vues", one: "Une personne", list: "Une liste", help: "Aide" },
  wallet: (left, isDoubtful) => ["Solde : ", left, isDoubtful && " avant la dernière recherche"],

  number,
  percent,
  credits,
  list,
  wait,
  compare,
  fields: FIELDS,
  kinds: KINDS,
  charges: {
    charged: (cost) => `${credits(cost)} ${Math.abs(cost) < 2 ? "débité" : "débités"}`,
    "not-charged": () => "Rien n’a été débité",
    "not-sent": () => "Non envoyé",
    unknown: () => "Peut-être débité",
  },
  endings: {
    invalid_request: () => ({
      title: "Cette recherche n’est pas possible",
      what: "Votre saisie ne désigne pas une personne précise.",
      next: "Corrigez ce qui est signalé dans le formulaire.",
    }),
    invalid_token: () => ({
      title: "Ce service demande votre clé d’accès",
      what: "Son exploitant donne à chacun sa propre clé, qui commence par pe_. Ce qu’il refuse ne coûte rien.",
      next: "Saisissez votre clé d’accès, puis relancez la recherche.",
    }),
    insufficient_credits: ({ required, remainingCredits }) => ({
      title: "Crédits insuffisants",
      what:
        `Une recherche exige au départ un solde ${required === undefined ? "plus élevé" : `de ${credits(required)}`} ; ` +
        (typeof remainingCredits === "number" ? `il reste ${credits(remainingCredits)}.` : "il est inférieur."),
      next: "Rechargez le solde, puis relancez la recherche.",
    }),
    bad_request: ({ issues }) => ({
      title: "Le service a refusé cette demande",
      what: issues?.length ? `Il met en cause : ${list(issues.flatMap(({ field }) => (field ? [NAMED[field]] : [])))}.` : "Il n’a pas dit ce qu’il refuse.",
      next: "Vérifiez votre saisie, ou essayez une autre indication sur la même personne.",
    }),
    forbidden: () => ({
      title: "Cette page n’a pas le droit de faire des recherches",
      what: "L’accès au service est fermé à cette page ou à son jeton.",
      next: SERVER_SIDE,
    }),
    not_found_endpoint: () => ({
      title: "Le service n’est pas là où cette page le cherche",
      what: "Il n’y a rien à l’adresse que le serveur de cette page interroge.",
      next: SERVER_SIDE,
    }),
    rate_limited: ({ retryAfterMs }) =>
      retryAfterMs === undefined
        ? {
            title: "La limite est atteinte",
            what: "Le service n’accepte plus de recherches pour l’instant et n’a pas dit jusqu’à quand. Les jetons d’essai ont une limite quotidienne.",
            next: "Revenez demain, ou demandez un autre jeton au responsable de cette page.",
          }
        : {
            title: "Trop de recherches à la fois",
            what: `Le service demande d’attendre ${wait(retryAfterMs)} ; recherche possible dès ${until(retryAfterMs)}.`,
            next: "Relancez ensuite la recherche. Cette page ne le fait pas d’elle-même.",
          },
    server_error: ({ status }) => ({
      title: "Le service est en panne",
      what: `Il a renvoyé une erreur${status === undefined ? "" : ` (${status})`} au lieu d’une réponse.`,
      next: "",
    }),
    malformed_response: () => ({
      title: "La réponse est illisible",
      what: "Le service a répondu, mais sans que l’on puisse savoir si un téléphone a été trouvé.",
      next: "",
    }),
    timeout: () => ({
      title: "Pas de réponse à temps",
      what: "Le service n’avait pas répondu en entier quand cette page a cessé d’attendre.",
      next: "Vous pouvez relancer la recherche quand vous voulez.",
    }),
    aborted: () => ({
      title: "Vous avez annulé",
      what: "Cette page a cessé d’attendre la réponse.",
      next: "Vous pouvez relancer la recherche quand vous voulez.",
    }),
    network: () => ({
      title: "La connexion a échoué",
      what: "La demande ou sa réponse s’est perdue en route.",
      next: "Vérifiez que vous êtes en ligne, puis relancez la recherche.",
    }),
    budget_exceeded: () => ({
      title: "Le budget est épuisé",
      what: "Cette recherche pourrait coûter plus que ce que cette page peut dépenser.",
      next: "Attendez que le budget reparte, ou demandez au responsable de cette page de l’augmenter.",
    }),
    suppressed: () => ({
      title: "Cette personne n’est pas recherchée",
      what: "Elle figure sur la liste de celles qui ne doivent pas l’être.",
      next: "Merci de respecter cela.",
    }),
    outcome_unknown: () => ({
      title: "L’issue d’une recherche antérieure de cette personne est inconnue",
      what: "Elle a peut-être été débitée ; elle n’a donc pas été renvoyée.",
      next: "Comparez votre solde avant de décider de relancer la recherche.",
    }),
    token_in_browser: () => ({
      title: "Cette page n’est pas configurée de façon sûre",
      what: "Elle a reçu le jeton du service, que chacun pourrait lire ici, et a refusé de s’en servir.",
      next: SERVER_SIDE,
    }),
    store_failed: () => ({
      title: "Rien n’a pu être consigné",
      what: "Une recherche est consignée avant d’être envoyée, et ce navigateur ne l’a pas enregistré.",
      next: "Libérez de l’espace ou quittez la navigation privée, puis relancez la recherche.",
    }),
    invalid_options: () => ({
      title: "Cette page n’est pas bien configurée",
      what: "Les réglages de cette page ont été refusés.",
      next: SERVER_SIDE,
    }),
    wasm_unavailable: () => ({
      title: "Ce navigateur ne peut pas vérifier votre saisie",
      what: "La vérification exige WebAssembly, qui n’a pas pu démarrer ici. Sans vérification, rien n’est envoyé.",
      next: "Essayez un navigateur à jour, ou quittez le mode qui désactive WebAssembly.",
    }),
    invalid_list: () => ({
      title: "Ce n’est pas une liste de personnes",
      what: "Le contenu ne peut pas être lu comme une liste.",
      next: "Choisissez un autre fichier, ou corrigez celui-ci.",
    }),
    wasm_failed: () => ({
      title: "La vérification s’est interrompue",
      what: "Ce navigateur a arrêté WebAssembly en cours de route, comme il le fait quand la mémoire manque.",
      next: "Relancez la recherche : la vérification repart de zéro, et rien n’est payé deux fois.",
    }),
  },
  issue,
  fix: (issue) =>
    // The company’s name or its website: either will do.
    issue.missing?.length ? `Il manque encore : ${list(issue.missing.map((field) => (field === "company_name" ? "l’entreprise ou son site" : NAMED[field])))}.` : fix(issue),

  access: {
    label: "Clé d’accès",
    refused: "Le service n’accepte pas cette clé d’accès",
    kept: "Clé d’accès :",
    hint: "Elle reste dans ce navigateur et ne va qu’au serveur de cette page.",
    wrong: "Ce n’est pas une clé d’accès : une clé commence par pe_ et compte 57 caractères. Le jeton du service lui-même n’a pas sa place dans un navigateur. Rien n’a été conservé.",
    keep: "La conserver sur cet appareil ; sinon elle est oubliée avec cet onglet",
    use: "Utiliser cette clé",
    cancel: "Annuler",
    change: "Changer",
    forget: "Oublier",
    changeName: "Changer la clé d’accès",
    forgetName: "Oublier la clé d’accès",
  },

  form: {
    title: "Trouver le numéro de téléphone d’une personne",
    lede: "Dites de qui il s’agit, de l’une de ces trois façons. Votre saisie est vérifiée ici, gratuitement ; rien ne quitte cette page tant que vous n’appuyez pas sur le bouton.",
    help: "Qu’est-ce qui est accepté ?",
    enough: "Suffit",
    or: "ou",
    name: "Nom et entreprise",
    nameHint: "Le nom complet, et l’entreprise ou son site",
    example: (text) => `p. ex. ${text}`,
    nothingSent: "Rien n’a été envoyé",
    about: (field) => `${field} : `,
    goesBy: (kind) => ["Recherche par ", kind, ". Voici tout ce qui sera envoyé :"],
    weaker: (kinds) => `Non envoyé, car une seule indication suffit : ${list(kinds)}.`,
    notSent: (what) => `Non envoyé : ${what}`,
    unfinishedName: "le nom incomplet.",
    mend: (fields) => ["À corriger : ", fields, "."],
    request: "la demande",
    fillIn: "Remplissez l’une des trois indications.",
    again: (price) => `La dernière recherche de cette personne a peut-être été débitée. La relancer peut coûter ${credits(price)} une seconde fois.`,
    acceptAgain: "J’accepte cela et veux relancer la recherche de cette personne",
    send: "Rechercher",
    sending: "Recherche en cours…",
    spend: (price) => `Rechercher – ${credits(price)} en cas de succès`,
    spendAgain: (price) => `Relancer – peut coûter encore ${credits(price)}`,
    showAgain: "Afficher de nouveau – gratuit",
  },

  result: {
    cancelling: "Annulation.",
    looking: "Recherche en cours.",
    costs: "Ce que coûte une recherche",
    when: {
      charged: "Un téléphone a été trouvé.",
      "not-charged": "Aucun téléphone n’a été trouvé, ou le service a refusé.",
      "not-sent": "Votre saisie ne permet pas de recherche. Elle reste ici.",
      unknown: "La réponse s’est perdue en route ou est arrivée trop tard : ici, personne ne peut le savoir. Cette page ne renvoie jamais rien d’elle-même.",
    },
    lookingTitle: "Recherche en cours",
    goingBy: "Par",
    wentBy: "Recherche par",
    cancel: "Annuler",
    cancelSays: "Cela met seulement fin à l’attente. Le service a reçu la demande et peut la débiter malgré tout.",
    found: "Téléphone trouvé",
    notFound: "Aucun téléphone trouvé",
    phone: "Téléphone",
    email: "E-mail",
    copyPhone: "Copier le téléphone",
    copyEmail: "Copier l’e-mail",
    copy: "Copier",
    copied: "Copié",
    marked: "Sélectionné : copiez-le avec le clavier ou le menu",
    call: "Appeler",
    callNumber: (phone) => `Appeler le ${phone}`,
    withoutCountry: "Écrit tel que le service le connaît. Le pays n’est pas indiqué, ou pas clairement ; il n’y a donc pas de lien pour appeler.",
    free: (message) => ["Une recherche sans résultat est gratuite. Le service dit : ", message],
    goWeaker: (went, weaker) => `La recherche s’est faite uniquement par ${KINDS[went]}. Pour rechercher par ${KINDS[weaker]}, effacez ${DECIDES[went]}.`,
    goElsewhere: "Le service connaît peut-être la même personne par une autre indication : essayez-en une que vous n’avez pas encore donnée.",
    kept: "Cette page a déjà la réponse : rien n’a été envoyé.",
    cost: "Coût",
    nothing: "Aucun",
    left: "Solde restant",
    leftUnknown: "Non indiqué par le service",
    lost: (price) => `La demande était partie ; ici, personne ne peut savoir si le service a fait la recherche. S’il a trouvé un téléphone, cela a coûté ${credits(price)}.`,
    compareWallet: (before, price) =>
      (before === null
        ? "Consultez votre solde auprès du service : s’il a baissé, cette recherche a été débitée. "
        : `Consultez votre solde auprès du service. Il était de ${credits(before)} ; s’il est maintenant de ${credits(before - price)}, cette recherche a été débitée. `) +
      "Ne relancez la recherche de cette personne que si vous acceptez de payer une seconde fois.",
    next: "Et maintenant ?",
    broken: "Cette page a échoué",
    brokenSays: "Une erreur s’est produite dans la page elle-même.",
    reload: "Rechargez la page.",
    support: "Pour l’assistance",
    code: "Code",
    message: "Message",
    status: "Statut HTTP",
    lookup: "Recherche",
    reply: "Voici le début de la réponse. Elle peut contenir des données personnelles : regardez avant de la transmettre.",
  },
};
