import twilio from 'twilio';

export const ACCOUNT_SID = 'ACaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb';
export const AUTH_TOKEN = 'token-of-the-twilio-account-here';

/** Twilio's own client, with nothing changed but the base address. */
export function twilioClient(baseUrl: string, authToken = AUTH_TOKEN): twilio.Twilio {
  const client = twilio(ACCOUNT_SID, authToken);
  client.api.baseUrl = baseUrl;
  return client;
}
