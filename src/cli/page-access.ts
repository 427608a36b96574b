import { isLoopbackAddress } from '#web/host-check.ts'
import type { Config } from './settings.ts'

type Settings = Pick<
  Config,
  'host' | 'webHost' | 'webTls' | 'webPublicUrl' | 'adminPassword' | 'adminPasswordFile'
>

/** How the pages are reached, as the settings have it. */
export interface PageAccess {
  readonly host: string
  /** Whether Postern itself speaks TLS there; else this machine alone or a proxy speaks to it. */
  readonly isTls: boolean
  readonly needsSignIn: boolean
  /** Where people reach them through a proxy, or by another name. */
  readonly publicUrl: URL | undefined
}

/** Other machines can reach them when they listen beyond loopback, or when a proxy leads there. */
export function pageAccess(settings: Settings): PageAccess {
  const { host, webHost = host, webTls, webPublicUrl, adminPassword, adminPasswordFile } = settings
  const publicUrl = webPublicUrl === undefined ? undefined : new URL(webPublicUrl)
  const isLocal = isLoopbackAddress(webHost)
  return {
    host: webHost,
    isTls: webTls === 'on' || (webTls === 'auto' && !isLocal),
    needsSignIn:
      !isLocal || publicUrl !== undefined || adminPassword !== undefined || adminPasswordFile !== undefined,
    publicUrl,
  }
}

/** Why the settings of the pages do not go together, in one line; undefined when they do. */
export function faultOfPages(settings: Settings): string | undefined {
  if (settings.adminPassword !== undefined && settings.adminPasswordFile !== undefined)
    return 'POSTERN_ADMIN_PASSWORD and POSTERN_ADMIN_PASSWORD_FILE: set only one of them'
  const { host, isTls, publicUrl } = pageAccess(settings)
  if (!isTls && !isLoopbackAddress(host) && publicUrl?.protocol !== 'https:')
    return `POSTERN_WEB_TLS: off would let passwords cross the network in clear from ${host}. Leave it at auto, or set POSTERN_WEB_PUBLIC_URL to the https:// address of the proxy that speaks TLS, for example POSTERN_WEB_PUBLIC_URL=https://postern.example.org`
  return undefined
}

/** What Postern's own certificate has to name besides this machine. */
export function certificateNames(settings: Settings): string[] {
  const { host, isTls, publicUrl } = pageAccess(settings)
  const names = [settings.host]
  if (isTls) names.push(host)
  if (isTls && publicUrl !== undefined) names.push(publicUrl.hostname.replace(/^\[|\]$/g, ''))
  return [...new Set(names)]
}
