import type { Texts } from './texts.ts';

export const DE: Texts = {
  title: 'Mit Karte bezahlen',
  titleToken: 'Karte hinterlegen',
  amount: 'Betrag',
  payee: 'Name',
  reference: 'Referenz',
  description: 'Für',
  fields: {
    'payment-card-number': 'Kartennummer',
    'expiration-date': 'Gültig bis',
    'security-code': 'Prüfziffer',
    'postal-code': 'Postleitzahl (nur Ziffern)',
    'bank-routing-number': 'Bankleitzahl (Routing Number)',
    'bank-account-number': 'Kontonummer',
  },
  hints: {
    'expiration-date': 'Monat und Jahr, zum Beispiel 08/29',
    'security-code': 'Drei Ziffern auf der Rückseite oder vier auf der Vorderseite',
    'postal-code': 'Der Adresse, an die Ihre Abrechnung geht',
  },
  pay: 'Bezahlen',
  save: 'Karte hinterlegen',
  working: 'Bitte warten Sie und schließen Sie diese Seite nicht.',
  privacy: 'Ihr Gesprächspartner sieht nur Sternchen, nie Ihre Karte.',
  cards: 'Akzeptierte Karten',
  language: 'Sprache',
  correct: 'Bitte prüfen Sie die folgenden Felder.',
  triesLeft: (count) => (count === 1 ? 'Ein Versuch bleibt.' : `${count} Versuche bleiben.`),
  reasons: {
    'input-timeout': 'Bitte füllen Sie dieses Feld aus.',
    'invalid-card-number': 'Das ist keine gültige Kartennummer.',
    'invalid-card-type': 'Diese Kartenart wird nicht akzeptiert.',
    'invalid-date': 'Das Datum ist nicht gültig, oder die Karte ist abgelaufen.',
    'invalid-security-code': 'Die Prüfziffer hat nicht die richtige Länge.',
    'invalid-postal-code': 'Bitte geben Sie die Ziffern Ihrer Postleitzahl an.',
    'invalid-bank-routing-number': 'Das ist keine gültige Bankleitzahl.',
    'invalid-bank-account-number': 'Das ist keine gültige Kontonummer.',
    'input-matching-failed': 'Die beiden Eingaben sind verschieden.',
    'card-declined':
      'Ihre Karte wurde abgelehnt, es wurde nichts abgebucht. Sie können es noch einmal oder mit einer anderen Karte versuchen.',
    'card-not-charged':
      'Die Zahlung hat nicht geklappt, es wurde nichts abgebucht. Sie können es noch einmal versuchen.',
  },
  results: {
    approved: {
      title: 'Bezahlt',
      text: 'Vielen Dank. Ihre Zahlung ist erfolgt. Sie können diese Seite schließen.',
    },
    saved: {
      title: 'Karte hinterlegt',
      text: 'Vielen Dank. Ihre Karte ist hinterlegt. Sie können diese Seite schließen.',
    },
    declined: { title: 'Abgelehnt', text: 'Ihre Karte wurde abgelehnt. Es wurde nichts abgebucht.' },
    failed: { title: 'Nicht bezahlt', text: 'Die Zahlung hat nicht geklappt. Es wurde nichts abgebucht.' },
    unknown: {
      title: 'Wird bestätigt',
      text: 'Ihre Zahlung wird bestätigt. Bitte zahlen Sie nicht noch einmal.',
    },
    processing: {
      title: 'Einen Moment',
      text: 'Ihre Zahlung wird ausgeführt. Bitte zahlen Sie nicht noch einmal.',
    },
    gone: {
      title: 'Dieser Link funktioniert nicht',
      text: 'Er ist falsch, abgelaufen oder durch einen neueren ersetzt. Bitte lassen Sie sich einen neuen schicken.',
    },
    limited: {
      title: 'Zu viele Versuche',
      text: 'Bitte warten Sie eine Minute und öffnen Sie den Link noch einmal.',
    },
    unavailable: {
      title: 'Gerade nicht möglich',
      text: 'Bitte öffnen Sie den Link in einer Minute noch einmal.',
    },
    broken: {
      title: 'Etwas ist schiefgegangen',
      text: 'Bitte öffnen Sie den Link noch einmal: Er sagt, ob Sie bezahlt haben.',
    },
    refused: {
      title: 'Nicht verstanden',
      text: 'Es wurde nichts abgebucht. Bitte öffnen Sie den Link noch einmal.',
    },
  },
};
