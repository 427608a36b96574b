import iconv from 'iconv-lite'

export interface SampleMessage {
  raw: Buffer
  /** System labels by id (`INBOX`, `UNREAD`), the person's own by name (`Work/Projects/Postern`). */
  labels: string[]
  /** Epoch milliseconds. */
  internalDate: number
}

/** When and for whom the sample mailbox is made. */
export interface SampleSetting {
  /** Epoch milliseconds: the newest message is a little older than this. */
  now: number
  /** The mailbox's owner: `Robin Demo <robin@example.org>`. */
  me: string
}

/** A body with the header fields that describe it. */
export interface Body {
  fields: readonly string[]
  content: Buffer
}

export interface Letter {
  from: string
  to?: string
  subject: string
  hoursAgo: number
  labels: string[]
  body: Body | string
  /** The part of the Message-ID before the @. */
  id: string
  /** Ids of the messages before this one in its thread, oldest first. */
  after?: readonly string[]
  /** Further fields, whole lines. */
  fields?: readonly string[]
}

const domain = 'samples.example'

export function letter(setting: SampleSetting, letterOf: Letter): SampleMessage {
  const date = setting.now - Math.round(letterOf.hoursAgo * 3_600_000)
  const body = typeof letterOf.body === 'string' ? text(letterOf.body) : letterOf.body
  const before = (letterOf.after ?? []).map((id) => `<${id}@${domain}>`)
  const header = [
    `Message-ID: <${letterOf.id}@${domain}>`,
    ...(before.length === 0 ? [] : [`In-Reply-To: ${before.at(-1)}`, `References: ${before.join('\r\n ')}`]),
    `Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`,
    `From: ${letterOf.from}`,
    `To: ${letterOf.to ?? setting.me}`,
    `Subject: ${letterOf.subject}`,
    ...(letterOf.fields ?? []),
    'MIME-Version: 1.0',
    ...body.fields,
    '',
    '',
  ]
  // Latin-1 keeps every octet of fields that were given as raw octets.
  const raw = Buffer.concat([Buffer.from(header.join('\r\n'), 'latin1'), body.content])
  return { raw, labels: letterOf.labels, internalDate: Math.floor(date / 1000) * 1000 }
}

/** Text with CRLF line ends and one at the end. */
function lines(content: string): string {
  return `${content.replace(/\r\n|\n/g, '\r\n').trimEnd()}\r\n`
}

/** Plain text: 7-bit when it is ASCII, else quoted-printable UTF-8. */
export function text(content: string, subtype = 'plain'): Body {
  const bytes = Buffer.from(lines(content))
  if (isAscii(bytes)) {
    return {
      fields: [`Content-Type: text/${subtype}; charset=us-ascii`, 'Content-Transfer-Encoding: 7bit'],
      content: bytes,
    }
  }
  return {
    fields: [`Content-Type: text/${subtype}; charset=utf-8`, 'Content-Transfer-Encoding: quoted-printable'],
    content: quotedPrintable(bytes),
  }
}

/** Plain text in another charset, its octets as they are. */
export function textIn(charset: string, content: string, transfer = '8bit', more = ''): Body {
  return {
    fields: [`Content-Type: text/plain; charset=${charset}${more}`, `Content-Transfer-Encoding: ${transfer}`],
    content: encode(charset, lines(content)),
  }
}

export function attachment(type: string, fields: readonly string[], bytes: Buffer): Body {
  return {
    fields: [`Content-Type: ${type}`, ...fields, 'Content-Transfer-Encoding: base64'],
    content: base64(bytes),
  }
}

/** A message as a part of another. */
export function enclosed(message: SampleMessage): Body {
  return { fields: ['Content-Type: message/rfc822', 'Content-Disposition: inline'], content: message.raw }
}

export function multipart(subtype: string, boundary: string, parts: readonly Body[], parameters = ''): Body {
  const pieces: Buffer[] = []
  for (const { fields, content } of parts) {
    pieces.push(
      Buffer.from(`--${boundary}\r\n${fields.join('\r\n')}\r\n\r\n`, 'latin1'),
      content,
      Buffer.from('\r\n'),
    )
  }
  return {
    fields: [`Content-Type: multipart/${subtype}; boundary="${boundary}"${parameters}`],
    content: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

/** Text and HTML of the same message. */
export function alternative(boundary: string, plain: string, markup: string): Body {
  return multipart('alternative', boundary, [text(plain), text(markup, 'html')])
}

/** One encoded word. RFC 2047. */
export function word(charset: string, encoding: 'B' | 'Q', content: string): string {
  const bytes = encode(charset, content)
  if (encoding === 'B') return `=?${charset}?B?${bytes.toString('base64')}?=`
  const quoted = [...bytes].map((octet) => {
    if (octet === 32) return '_'
    const character = String.fromCharCode(octet)
    return /[A-Za-z0-9]/.test(character) ? character : `=${hex(octet)}`
  })
  return `=?${charset}?Q?${quoted.join('')}?=`
}

export function encode(charset: string, content: string): Buffer {
  return charset.toLowerCase() === 'iso-2022-jp' ? iso2022jp(content) : iconv.encode(content, charset)
}

/** JIS X 0208 between escapes: EUC-JP without its eighth bits. RFC 1468. */
function iso2022jp(content: string): Buffer {
  const pieces: Buffer[] = []
  let wide = false
  for (const character of content) {
    const bytes = iconv.encode(character, 'euc-jp')
    if ((bytes.length === 2) !== wide) {
      wide = !wide
      pieces.push(Buffer.from(wide ? '\x1b$B' : '\x1b(B'))
    }
    pieces.push(wide ? Buffer.from(bytes.map((octet) => octet & 0x7f)) : bytes)
  }
  if (wide) pieces.push(Buffer.from('\x1b(B'))
  return Buffer.concat(pieces)
}

function base64(bytes: Buffer): Buffer {
  const encoded = bytes.toString('base64')
  const rows: string[] = []
  for (let at = 0; at < encoded.length; at += 76) rows.push(encoded.slice(at, at + 76))
  return Buffer.from(`${rows.join('\r\n')}\r\n`)
}

/** RFC 2045 section 6.7: lines of at most 76 characters, CRLF stays. */
function quotedPrintable(bytes: Buffer): Buffer {
  const rows: string[] = []
  for (const row of bytes.toString('latin1').split('\r\n')) {
    let line = ''
    for (let at = 0; at < row.length; at += 1) {
      const octet = row.charCodeAt(at)
      const blankAtEnd = (octet === 32 || octet === 9) && at === row.length - 1
      const plain =
        (octet >= 32 && octet <= 126 && octet !== 61 && !blankAtEnd) || (octet === 9 && !blankAtEnd)
      const piece = plain ? String.fromCharCode(octet) : `=${hex(octet)}`
      if (line.length + piece.length > 75) {
        rows.push(`${line}=`)
        line = ''
      }
      line += piece
    }
    rows.push(line)
  }
  return Buffer.from(rows.join('\r\n'))
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((octet) => octet < 128)
}

function hex(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, '0')
}
