import { BlockList, isIP } from 'node:net'
import type { Admission, Refusal } from '#mail/doorman.ts'

/** Devices that know no TLS and perhaps no login. docs/scanners.md tells the risk. */
export interface ScannerOptions {
  readonly host: string
  readonly port: number
  /** Nobody else is served. The first that fits counts. */
  readonly sources: readonly ScannerSource[]
  /** Who sends without a login. */
  admit(account: string): Promise<Admission | Refusal>
}

interface ScannerSource {
  /** One address (`192.168.1.50`) or a network (`192.168.1.0/28`). */
  readonly from: string
  /** The account that sends for it without a login; without one the device logs in (AUTH LOGIN, in clear). */
  readonly account?: string
}

const stranger: Refusal = {
  refused: 'door',
  text: 'This port serves only the devices that are listed for it',
}

/** Finds out who a device may send as. Throws RangeError for a source that is neither an address nor a network. */
export function scannerWelcome({
  sources,
  admit,
}: Pick<ScannerOptions, 'sources' | 'admit'>): (
  remoteAddress: string,
) => Promise<Admission | Refusal | undefined> {
  const lists = sources.map(({ from, account }) => ({ list: network(from), account }))
  return async (remoteAddress) => {
    const family = isIP(remoteAddress) === 6 ? 'ipv6' : 'ipv4'
    const found = lists.find(({ list }) => isIP(remoteAddress) !== 0 && list.check(remoteAddress, family))
    if (found === undefined) return stranger
    return found.account === undefined ? undefined : await admit(found.account)
  }
}

function network(from: string): BlockList {
  const [, address = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(from) ?? []
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  const length = prefix === undefined ? bits : Number(prefix)
  if (version === 0 || length > bits)
    throw new RangeError(
      `Cannot use ${JSON.stringify(from.slice(0, 60))} as the source of a scanner: it must be an address like ` +
        '192.168.1.50 or a network like 192.168.1.0/28',
    )
  const list = new BlockList()
  list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
  return list
}
