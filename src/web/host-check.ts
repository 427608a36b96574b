import { isIP, isIPv4 } from 'node:net'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/** The name in a Host header, without the port; undefined for what is no Host header. RFC 9110 section 7.2. */
export function nameIn(host: string): string | undefined {
  return /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?$/i.exec(host)?.[1]?.toLowerCase()
}

export function isLoopbackHost(host: string): boolean {
  const name = nameIn(host)
  return name !== undefined && loopbackNames.includes(name)
}

/** Whether only this machine can reach what listens there. */
export function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/**
 * Whether a request with this Host header is meant for us. A web site that lets its own name resolve to our address (DNS
 * rebinding) still sends its own name. Any port is right: containers map them. Addresses cannot be rebound, so that they
 * are good where we listen on other addresses than loopback: the one we listen on, or any when we listen on all.
 */
export function createHostCheck(
  listenHost: string,
  names: readonly string[] = [],
): (host: string) => boolean {
  const exact = new Set([...loopbackNames, ...names.map((name) => name.toLowerCase())])
  const anyAddress = listenHost === '0.0.0.0' || listenHost === '::'
  if (!anyAddress) exact.add(listenHost.includes(':') ? `[${listenHost}]` : listenHost.toLowerCase())
  return (host) => {
    const name = nameIn(host)
    if (name === undefined) return false
    return exact.has(name) || (anyAddress && isIP(name.replace(/^\[|\]$/g, '')) !== 0)
  }
}
