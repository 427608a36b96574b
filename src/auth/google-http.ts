import { gaxios } from 'google-auth-library'
import type { Endpoints } from './endpoints.ts'

/** The library's own HTTP client: gaxios in the copy and the module format that the library itself loads. */
export type GoogleHttp = gaxios.Gaxios

/** Where the library sends the assertions of service accounts, whatever its `endpoints` say. Fact sheet section 5.6. */
const fixedTokenUrl = 'https://oauth2.googleapis.com/token'
const timeoutMs = 20_000
const largestAnswerBytes = 256 * 1024

/**
 * HTTP to Google's accounts server: one request and its answer. Nothing is repeated here, since the callers count their
 * token requests. HTTPS_PROXY and NO_PROXY count, except for this machine.
 */
export function createGoogleHttp(endpoints: Endpoints): GoogleHttp {
  const http = new gaxios.Gaxios({
    timeout: timeoutMs,
    size: largestAnswerBytes,
    // Google does not redirect; a captive portal does.
    redirect: 'manual',
    noProxy: ['localhost', '127.0.0.1', '[::1]'],
  })
  http.interceptors.request.add({
    resolved: async (options) => {
      if (options.url.href === fixedTokenUrl) options.url = new URL(endpoints.tokenUrl)
      // Calls of the library bring their own wish to be repeated.
      options.retryConfig = { retry: 0, shouldRetry: () => false }
      return options
    },
  })
  http.interceptors.response.add({
    resolved: async (response) => {
      // The library reads JSON only where the answer says that it is some.
      response.data = parsed(response.data) ?? response.data
      return response
    },
  })
  return http
}

/** Status and body of a failed request; undefined status when nobody answered. Holds nothing of the request. */
export function failedAnswer(error: unknown): { status: number | undefined; body: unknown; word: string } {
  const { response, code, message } = error as {
    response?: { status?: unknown; data?: unknown }
    code?: unknown
    message?: unknown
  }
  const status = typeof response?.status === 'number' ? response.status : undefined
  const word = typeof code === 'string' && /^[A-Za-z_]{1,40}$/.test(code) ? code : 'no code'
  // node-fetch keeps the reason of a failed connection in the message alone.
  const inside = typeof message === 'string' ? /\b(E[A-Z]{3,20})\b/.exec(message)?.[1] : undefined
  return { status, body: parsed(response?.data), word: inside ?? word }
}

function parsed(data: unknown): unknown {
  if (typeof data !== 'string') return data
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
