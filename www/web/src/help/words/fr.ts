// The help, in French.
import { words as page } from "../../words/fr.ts";
import type { HelpWords } from "./en.ts";

export const words: HelpWords = {
  title: "Aide",
  contents: "Sommaire",
  sections: (price) => ({
    costs: {
      title: "Combien cela coûte-t-il ?",
      texts: [
        `Une recherche coûte ${page.credits(price)} si un téléphone est trouvé. Un e-mail trouvé en même temps est gratuit.`,
        "Rien n’est débité :",
        ["si aucun téléphone n’est trouvé,", "si le service refuse, par exemple parce qu’il est surchargé,", "si votre saisie ne permet pas de recherche : rien n’est alors envoyé,", "si ce navigateur a déjà la réponse."],
        `Avant chaque recherche, le solde doit être de ${page.credits(price)} au moins, même si rien n’est trouvé ensuite. Dans une liste, chaque personne ne coûte qu’une fois, quel que soit le nombre de ses lignes.`,
        "Ce n’est que si une réponse s’est perdue en route que personne ne peut savoir. La page le dit alors, et ne renvoie jamais rien d’elle-même.",
      ],
    },
    people: {
      title: "Qui peut être recherché ?",
      texts: [
        "Une seule de ces indications suffit. Si vous en donnez plusieurs, seule la première d’entre elles est envoyée :",
        ["l’adresse du profil LinkedIn de la personne,", "une adresse e-mail,", "le prénom, le nom et le site de l’entreprise,", "le prénom, le nom et le nom de l’entreprise."],
        "Les majuscules, les espaces et ce qui suit une adresse n’ont pas d’importance : deux façons d’écrire une personne désignent la même personne, et sa recherche n’est pas payée deux fois.",
      ],
    },
    states: { title: "Que signifient les états ?", texts: ["Chaque résultat dit ce qu’il a coûté, en toutes lettres, avec un signe et une couleur qui lui sont propres :"] },
    list: {
      title: "Comment doit être une liste ?",
      texts: [
        [
          "Un fichier texte avec une ligne par personne et une ligne d’en-têtes : CSV, séparé par des virgules, des points-virgules ou des tabulations. Vous pouvez aussi la coller.",
          "Depuis Excel, enregistrez-la au format « CSV UTF-8 ». Depuis Google Sheets ou Numbers, téléchargez-la ou exportez-la en CSV. Le fichier propre du tableur (.xlsx) n’est pas lu.",
          "Pour les lettres accentuées, UTF-8 convient le mieux ; UTF-16 et Windows-1252 sont lus aussi.",
          "Les colonnes sont reconnues à leur nom, par exemple Prénom, Nom, Entreprise, Site web, E-mail ou URL LinkedIn, également en anglais, en allemand, en espagnol, en italien et en néerlandais. Une note au-dessus des en-têtes est ignorée.",
          "Les exports de LinkedIn, Apollo, HubSpot, Salesforce, Pipedrive, ZoomInfo, Outlook, Google Contacts et d’autres s’utilisent tels quels.",
          "Avant de lancer la recherche, la page montre comment elle a lu chaque colonne. Vous pouvez corriger ce qui est faux, ainsi que le séparateur, l’en-tête et l’encodage.",
        ],
      ],
    },
    run: {
      title: "Limite, pause et arrêt",
      texts: [
        [
          "« Dépenser au plus » est la limite d’un passage. Il s’arrête avant de dépenser davantage. Si le champ est vide, il n’y a pas de limite.",
          "« À la fois » est le nombre de recherches en cours en même temps.",
          "Une personne peut avoir plusieurs identifiants. Un seul est envoyé. Si vous cochez la case, le suivant est essayé quand rien n’est trouvé : c’est plus long, et toujours payé une seule fois.",
          "Pause : plus rien n’est envoyé. Ce qui est en cours se termine. « Reprendre » continue.",
          "Arrêter : de même, et le passage prend fin. Vous pourrez continuer plus tard avec ceux qui n’ont pas encore été recherchés.",
          "Laissez la page ouverte pendant la recherche. Vous pouvez utiliser ses autres parties entre-temps.",
        ],
        "Si l’onglet est fermé ou si le navigateur plante, rouvrez la liste : elle est telle que vous l’avez laissée, et vous pouvez continuer. Rien n’est payé deux fois. Les recherches en cours à ce moment-là ont peut-être été débitées. Elles sont signalées et ne sont pas relancées ; vous pouvez voir gratuitement si leurs réponses sont arrivées malgré tout.",
      ],
    },
    export: {
      title: "Export",
      texts: ["Les résultats peuvent être exportés à tout moment, même pendant la recherche : en CSV pour les tableurs, ou en JSON pour les programmes. Chaque ligne donne son état, ce qui a été trouvé et ce que cela a coûté. Le fichier est écrit dans ce navigateur ; rien n’est envoyé. Une cellule qu’un tableur exécuterait comme une formule est précédée d’une apostrophe."],
    },
    kept: {
      title: "Que conserve ce navigateur ?",
      texts: [
        [
          "De la recherche d’une personne : rien, tant que vous n’avez pas ouvert « Une liste » dans ce navigateur ; ensuite, sa réponse, comme pour une liste.",
          "Chaque liste qui a été lancée, ses résultats et toutes les réponses, pour que rien ne soit payé deux fois. Sous « Listes précédentes », on peut les ouvrir et les effacer. Les réponses sont conservées 30 jours si un téléphone a été trouvé, sinon un jour.",
          "Votre clé d’accès, si le service en demande une : jusqu’à la fermeture de l’onglet, ou sur cet appareil si vous l’avez voulu. En haut de la page, on peut la changer et l’oublier.",
          "La langue, si vous en avez choisi une.",
        ],
        "« Tout effacer », sur la page de la liste, supprime toutes les listes, les réponses et la clé d’accès. Toute nouvelle recherche d’une personne coûte alors de nouveau. La langue disparaît avec les données de ce site, dans les réglages du navigateur.",
        "Seules les personnes que vous recherchez sont envoyées, et uniquement au service de recherche, par le serveur de cette page.",
      ],
    },
    keyboard: {
      title: "Clavier",
      texts: [
        [
          "Tab mène au champ, au bouton ou au lien suivant ; Maj+Tab revient en arrière.",
          "Entrée dans un champ lance la recherche, comme le bouton. Si quelque chose ne va pas, le focus va là où c’est dit ; de là, Entrée mène au champ.",
          "Après une recherche, le focus est sur le résultat.",
          "Dans les lignes d’une liste, les flèches, Page préc., Page suiv., Début et Fin font défiler. Entrée sur le nom d’une colonne trie selon elle, et une seconde fois dans l’autre sens.",
        ],
        "Le mode clair ou sombre et la réduction des animations suivent les réglages de votre système.",
      ],
    },
  }),
  taken: "Accepté",
  refused: "Refusé",
  states: {
    charged: "Un téléphone a été trouvé, et voilà ce qu’il a coûté.",
    "not-charged": "Une réponse est arrivée, mais sans téléphone. C’est gratuit, de façon certaine.",
    "not-sent": "Rien n’a quitté cette page ; rien ne peut donc coûter.",
    unknown: "La demande est partie et la réponse s’est perdue. Consultez votre solde avant de relancer la recherche de cette personne : elle peut coûter une seconde fois.",
  },
  rows: "Les lignes d’une liste ont quelques états de plus :",
  rowStates: {
    known: "La réponse est déjà là. La recherche n’est pas refaite.",
    failed: "La recherche a échoué, gratuitement à coup sûr. Elle peut être relancée.",
    waiting: "Rien n’a encore été envoyé pour cette ligne.",
    duplicate: "La même personne figure dans une ligne précédente et n’est recherchée qu’une fois.",
    invalid: "La ligne ne désigne personne qui puisse être recherché. Elle dit pourquoi.",
  },
};
