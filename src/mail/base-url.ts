/**
 * The address of an API that may lie below a path, without a slash at the end, so that `/gmail/v1/…` can follow. Who names
 * the API with its version means the same. Throws TypeError for what is no URL.
 */
export function baseUrl(address: string): string {
  const { origin, pathname } = new URL(address)
  const path = pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')
  return origin + (path.endsWith('/gmail/v1') ? path.slice(0, -'/gmail/v1'.length) : path)
}
