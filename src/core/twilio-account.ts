/** Who may use the Twilio-compatible API, and where its callbacks may go. */
export interface TwilioAccount {
  /** `AC` and 32 hexadecimal digits. */
  readonly accountSid: string;
  /** Password of the API, and key of the callbacks' signatures. */
  readonly authToken: string;
  /** Base of relative callback addresses; when set, callbacks go to its origin alone. */
  readonly callbackBase: string | null;
}
