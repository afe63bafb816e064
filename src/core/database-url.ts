/** Whether `TONEWALL_DATABASE` names a PostgreSQL database; otherwise it is the path of an SQLite file. */
export function isPostgresUrl(database: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(database);
}
