import assert from 'node:assert/strict'
import type { ImapValue } from './imap-value.ts'

/** Asserts that a value is an `envelope`. RFC 9051 section 9. */
export function checkEnvelope(value: ImapValue): void {
  const fields = list(value)
  assert.equal(fields.length, 10)
  const [date, subject, ...rest] = fields as [ImapValue, ImapValue, ...ImapValue[]]
  for (const text of [date, subject, ...rest.slice(6)]) nstring(text)
  for (const addresses of rest.slice(0, 6)) {
    if (addresses === null) continue
    assert.notEqual(list(addresses).length, 0)
    let open = false
    for (const address of list(addresses)) {
      const parts = list(address)
      assert.equal(parts.length, 4)
      for (const part of parts) nstring(part)
      // "[RFC5322] group syntax is indicated by a special form of address structure in which the host name field is NIL."
      if (parts[3] !== null) continue
      assert.equal(parts[2] !== null, !open, 'groups open and close in turn')
      open = !open
    }
    assert.equal(open, false, 'a group does not end')
  }
}

/** Asserts that a value is a `body`, with or without extension data. */
export function checkBody(value: ImapValue, extended: boolean): void {
  const fields = list(value)
  const first = fields[0]
  if (Array.isArray(first)) {
    // body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    const parts = fields.findIndex((field) => !Array.isArray(field))
    for (const part of fields.slice(0, parts)) checkBody(part, extended)
    string(fields[parts])
    assert.equal(fields.length, parts + (extended ? 5 : 1))
    if (!extended) return
    parameters(fields[parts + 1])
    extension(fields.slice(parts + 2))
    return
  }
  // body-type-1part = media-type SP body-fields [SP more] [SP body-ext-1part]
  const [type, subtype, list2, id, description, encoding, octets, ...more] = fields
  for (const text of [type, subtype, encoding]) string(text)
  parameters(list2)
  nstring(id)
  nstring(description)
  number(octets)
  const media = `${type as string}/${subtype as string}`.toLowerCase()
  if (media === 'message/rfc822' || media === 'message/global') {
    checkEnvelope(more.shift() ?? null)
    checkBody(more.shift() ?? null, extended)
    number(more.shift())
  } else if (media.startsWith('text/')) number(more.shift())
  assert.equal(more.length, extended ? 4 : 0)
  if (!extended) return
  nstring(more[0])
  extension(more.slice(1))
}

/** body-fld-dsp SP body-fld-lang SP body-fld-loc */
function extension([disposition, language, location]: readonly ImapValue[]): void {
  if (disposition !== null) {
    const [name, list2, ...more] = list(disposition)
    string(name)
    parameters(list2)
    assert.equal(more.length, 0)
  }
  if (Array.isArray(language)) for (const tag of list(language)) string(tag)
  else nstring(language)
  nstring(location)
}

function parameters(value: ImapValue | undefined): void {
  if (value === null) return
  const pairs = list(value)
  assert.ok(pairs.length > 0 && pairs.length % 2 === 0)
  for (const text of pairs) string(text)
}

function list(value: ImapValue | undefined): readonly ImapValue[] {
  assert.ok(Array.isArray(value), `${JSON.stringify(value)} is no list`)
  return value as readonly ImapValue[]
}

function string(value: ImapValue | undefined): void {
  assert.equal(typeof value, 'string', `${JSON.stringify(value)} is no string`)
}

function nstring(value: ImapValue | undefined): void {
  if (value !== null) string(value)
}

function number(value: ImapValue | undefined): void {
  assert.ok(value !== null && typeof value === 'object' && 'atom' in value && /^\d+$/.test(value.atom))
}
