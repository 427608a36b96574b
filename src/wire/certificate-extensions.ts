import { isIP } from 'node:net'
import { BitString, OctetString } from 'asn1js'
import type { BaseBlock } from 'asn1js'
import {
  AltName,
  BasicConstraints,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralSubtree,
  NameConstraints,
} from 'pkijs'
import { octetsOf } from './address-octets.ts'

const basicConstraints = '2.5.29.19'
const keyUsage = '2.5.29.15'
const extendedKeyUsage = '2.5.29.37'
const subjectAltName = '2.5.29.17'
const nameConstraints = '2.5.29.30'
const serverAuth = '1.3.6.1.5.5.7.3.1'
/** Choices of a GeneralName. RFC 5280 section 4.2.1.6. */
const dnsName = 2
const ipAddress = 7

/** May sign certificates of servers of these names alone, and none of another authority. RFC 5280 section 4.2.1. */
export function authorityExtensions(names: readonly string[]): Extension[] {
  const permittedSubtrees = names.map((name) => new GeneralSubtree({ base: subtreeOf(name) }))
  return [
    extension(basicConstraints, {
      critical: true,
      value: new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(),
    }),
    // keyCertSign and cRLSign: bits 5 and 6.
    extension(keyUsage, { critical: true, value: bits(0b0000_0110, 1) }),
    extension(nameConstraints, {
      critical: true,
      value: new NameConstraints({ permittedSubtrees }).toSchema(),
    }),
  ]
}

export function serverExtensions(names: readonly string[]): Extension[] {
  return [
    extension(basicConstraints, { critical: true, value: new BasicConstraints({ cA: false }).toSchema() }),
    // digitalSignature: bit 0.
    extension(keyUsage, { critical: true, value: bits(0b1000_0000, 7) }),
    extension(extendedKeyUsage, { value: new ExtKeyUsage({ keyPurposes: [serverAuth] }).toSchema() }),
    extension(subjectAltName, { value: new AltName({ altNames: names.map(generalName) }).toSchema() }),
  ]
}

export function extension(
  extnID: string,
  { critical = false, value }: { critical?: boolean; value: BaseBlock },
): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER() })
}

function generalName(name: string): GeneralName {
  return isIP(name) === 0
    ? new GeneralName({ type: dnsName, value: name })
    : new GeneralName({ type: ipAddress, value: new OctetString({ valueHex: octetsOf(name).buffer }) })
}

/** A name with those below it, or one address: with a mask of ones. RFC 5280 section 4.2.1.10. */
function subtreeOf(name: string): GeneralName {
  if (isIP(name) === 0) return generalName(name)
  const address = octetsOf(name)
  const masked = Uint8Array.of(...address, ...address.map(() => 0xff))
  return new GeneralName({ type: ipAddress, value: new OctetString({ valueHex: masked.buffer }) })
}

function bits(octet: number, unusedBits: number): BitString {
  return new BitString({ valueHex: Uint8Array.of(octet).buffer, unusedBits })
}
