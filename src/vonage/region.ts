/** Hosts of Vonage's regions: a call lives in one, and the others answer 404. */
const REGION_HOST =
  /^(?:api-(?:us|eu|ap)(?:-\d{1,2})?\.vonage\.com|api(?:-[a-z0-9]{1,8}(?:-\d{1,2})?)?\.nexmo\.com)$/;

/** The base address of a call's region, from `region_url` of its first webhook; null if it names none that we know. */
export function regionHostOf(regionUrl: unknown): string | null {
  const url = typeof regionUrl === 'string' ? URL.parse(regionUrl) : null;
  const isRegion =
    url !== null && url.protocol === 'https:' && url.port === '' && REGION_HOST.test(url.hostname);
  return isRegion ? url.origin : null;
}
