import type { Texts } from './texts.ts';

export const ES: Texts = {
  title: 'Pagar con tarjeta',
  titleToken: 'Guardar su tarjeta',
  amount: 'Importe',
  payee: 'Nombre',
  reference: 'Referencia',
  description: 'Concepto',
  fields: {
    'payment-card-number': 'Número de tarjeta',
    'expiration-date': 'Fecha de caducidad',
    'security-code': 'Código de seguridad',
    'postal-code': 'Código postal (solo cifras)',
    'bank-routing-number': 'Número de ruta bancaria',
    'bank-account-number': 'Número de cuenta',
  },
  hints: {
    'expiration-date': 'Mes y año, por ejemplo 08/29',
    'security-code': 'Tres cifras en el reverso o cuatro en el anverso',
    'postal-code': 'De la dirección a la que llegan sus extractos',
  },
  pay: 'Pagar',
  save: 'Guardar tarjeta',
  working: 'Espere, por favor, y no cierre esta página.',
  privacy: 'La persona con la que habla solo ve asteriscos, nunca su tarjeta.',
  cards: 'Tarjetas aceptadas',
  language: 'Idioma',
  correct: 'Revise los campos siguientes, por favor.',
  triesLeft: (count) => (count === 1 ? 'Queda un intento.' : `Quedan ${count} intentos.`),
  reasons: {
    'input-timeout': 'Rellene este campo, por favor.',
    'invalid-card-number': 'Este número de tarjeta no es válido.',
    'invalid-card-type': 'No se acepta este tipo de tarjeta.',
    'invalid-date': 'La fecha no es válida o la tarjeta ha caducado.',
    'invalid-security-code': 'El código de seguridad no tiene la longitud correcta.',
    'invalid-postal-code': 'Indique las cifras de su código postal, por favor.',
    'invalid-bank-routing-number': 'Este número de ruta no es válido.',
    'invalid-bank-account-number': 'Este número de cuenta no es válido.',
    'input-matching-failed': 'Las dos entradas son distintas.',
    'card-declined':
      'Su tarjeta ha sido rechazada y no se ha cobrado nada. Puede intentarlo de nuevo o con otra tarjeta.',
    'card-not-charged': 'El pago no ha funcionado y no se ha cobrado nada. Puede intentarlo de nuevo.',
  },
  results: {
    approved: { title: 'Pagado', text: 'Gracias. Su pago se ha realizado. Puede cerrar esta página.' },
    saved: {
      title: 'Tarjeta guardada',
      text: 'Gracias. Su tarjeta está guardada. Puede cerrar esta página.',
    },
    declined: { title: 'Rechazado', text: 'Su tarjeta ha sido rechazada. No se ha cobrado nada.' },
    failed: { title: 'No pagado', text: 'El pago no ha funcionado. No se ha cobrado nada.' },
    unknown: { title: 'En confirmación', text: 'Su pago se está confirmando. No pague otra vez, por favor.' },
    processing: { title: 'Un momento', text: 'Su pago se está procesando. No pague otra vez, por favor.' },
    gone: {
      title: 'Este enlace no funciona',
      text: 'Es incorrecto, ha caducado o hay un enlace más nuevo. Pida uno nuevo, por favor.',
    },
    limited: {
      title: 'Demasiados intentos',
      text: 'Espere un minuto y abra el enlace de nuevo, por favor.',
    },
    unavailable: {
      title: 'Ahora no es posible',
      text: 'No se ha cobrado nada. Inténtelo de nuevo en un minuto, por favor.',
    },
    refused: {
      title: 'No se ha entendido',
      text: 'No se ha cobrado nada. Abra el enlace de nuevo, por favor.',
    },
  },
};
