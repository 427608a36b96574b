import type { Endpoints } from './endpoints.ts'
import type { GoogleHttp } from './google-http.ts'

/** What an access token permits, by tokeninfo; undefined when Google does not say. Never rejects. */
export async function tokenScopes(
  accessToken: string,
  http: GoogleHttp,
  { tokenInfoUrl }: Endpoints,
): Promise<readonly string[] | undefined> {
  try {
    const { data } = await http.request({
      url: tokenInfoUrl,
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
      responseType: 'json',
    })
    const { scope } = (data ?? {}) as { scope?: unknown }
    return typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : undefined
  } catch {
    return undefined
  }
}
