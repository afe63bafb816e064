import { isPostgresUrl } from '../core/database-url.ts';

/** `verify-full` is what the client makes of `prefer`, `require` and `verify-ca` too, with a warning. */
const SSL_MODES = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Whether it is a path, or a PostgreSQL URL that names a database. A word that `sslmode` does not have would mean no TLS. */
export function isDatabase(text: string | undefined): boolean {
  if (text === undefined || !/^[a-z][a-z0-9+]*:\/\//i.test(text)) return true;
  const url = isPostgresUrl(text) ? URL.parse(text) : null;
  if (url === null || !/^\/[^/]+$/.test(url.pathname)) return false;
  const { searchParams, username, password, pathname, hostname } = url;
  const sslMode = searchParams.get('sslmode');
  if (sslMode !== null && !SSL_MODES.includes(sslMode)) return false;
  return [username, password, pathname, hostname].every(isDecodable);
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
