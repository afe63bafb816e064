/** A client of the REST API. The secret itself is not kept. */
export interface ApiKey {
  /** Goes to logs and the audit log. */
  readonly name: string;
  /** SHA-256 of the secret, hex. */
  readonly secretSha256: string;
  /** Its secret is so short that it can be guessed; the operator is warned at start. */
  readonly isWeak: boolean;
}
