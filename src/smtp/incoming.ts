import { createHash } from 'node:crypto'
import { SubmissionRefusal } from './refusal.ts'

const CR = 0x0d
const LF = 0x0a
const DOT = 0x2e

/** Room before the message for the fields that are added: a Bcc of 100 addresses of 254 octets, and some. */
const headRoomBytes = 32 * 1024
const firstBytes = 64 * 1024
/** RFC 5321 section 4.5.3.1.6 asks for 1000; what HTML writers and scanners send is longer, and Gmail takes it. */
export const lineLimitBytes = 64 * 1024

/**
 * A message as it comes in: kept once, in one buffer that also has room for added fields. A line feed alone becomes CRLF
 * here, before anything reads it. A carriage return alone, NUL, an endless line, and a dot alone on a line that CRLF does
 * not end on both sides (the mark of SMTP smuggling) make the message be refused. Of a refused message nothing is kept.
 */
export class Incoming {
  readonly #limitBytes: number
  readonly #hash = createHash('sha256')
  #buffer: Buffer
  #length = headRoomBytes
  #refusal: SubmissionRefusal | undefined
  /** The last octet of what came before. */
  #previous = 0
  #lineBytes = 0
  /** The line so far is one dot. */
  #onlyDot = false
  /** The line before ended in a lone LF. */
  #loneFeed = false

  /** `declaredBytes` is what MAIL FROM said of SIZE; memory is taken for it when the first octets come. */
  constructor(limitBytes: number, declaredBytes: number | undefined) {
    this.#limitBytes = limitBytes
    const wanted = Math.min(declaredBytes ?? firstBytes, limitBytes)
    // Not from the pool, and not touched before it is used.
    this.#buffer = Buffer.allocUnsafeSlow(headRoomBytes + Math.max(wanted, firstBytes))
  }

  /** Dots are unstuffed already. */
  write(chunk: Buffer): void {
    if (this.#refusal !== undefined) return
    this.#hash.update(chunk)
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (byte === LF) {
        const lone = this.#previous !== CR
        if (this.#onlyDot && (lone || this.#loneFeed)) return this.#refuse(smuggling)
        if (lone) {
          this.#append(chunk, from, at)
          this.#append(crlf, 0, 2)
          from = at + 1
        }
        this.#loneFeed = lone
        this.#lineBytes = 0
        this.#onlyDot = false
      } else {
        if (this.#previous === CR) return this.#refuse(loneReturn)
        if (byte === 0) return this.#refuse(nul)
        if (byte !== CR) {
          this.#onlyDot = byte === DOT && this.#lineBytes === 0
          this.#lineBytes++
          if (this.#lineBytes > lineLimitBytes) return this.#refuse(longLine)
        }
      }
      this.#previous = byte
      if (this.#refusal !== undefined) return
    }
    this.#append(chunk, from, chunk.length)
  }

  /** The message and the hash of what the client sent. Throws SubmissionRefusal. */
  end(): { readonly incoming: IncomingMessage; readonly digest: Buffer } {
    if (this.#refusal === undefined && this.#previous === CR) this.#refuse(loneReturn)
    if (this.#refusal !== undefined) throw this.#refusal
    return { incoming: new IncomingMessage(this.#buffer, this.#length), digest: this.#hash.digest() }
  }

  #append(source: Buffer, start: number, end: number): void {
    if (this.#refusal !== undefined || end <= start) return
    const needed = this.#length + end - start
    if (needed - headRoomBytes > this.#limitBytes) return this.#refuse(tooBig(this.#limitBytes))
    if (needed > this.#buffer.length) {
      const doubled = Math.min(2 * this.#buffer.length, headRoomBytes + this.#limitBytes)
      const grown = Buffer.allocUnsafeSlow(Math.max(doubled, needed))
      this.#buffer.copy(grown, 0, headRoomBytes, 0)
      this.#buffer.copy(grown, headRoomBytes, headRoomBytes, this.#length)
      this.#buffer = grown
    }
    source.copy(this.#buffer, this.#length, start, end)
    this.#length = needed
  }

  #refuse(refusal: SubmissionRefusal): void {
    this.#refusal = refusal
    this.#buffer = Buffer.alloc(0)
  }
}

/** A whole message with room before it. */
export class IncomingMessage {
  readonly #buffer: Buffer
  readonly #end: number

  constructor(buffer: Buffer, end: number) {
    this.#buffer = buffer
    this.#end = end
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(headRoomBytes, this.#end)
  }

  /** The message with something before it and places left out; `bytes` is not to be used any more. */
  edited(prefix: Buffer, without: readonly { start: number; end: number }[]): Buffer {
    const buffer = this.#buffer
    // What is kept of the header moves back over what is left out, from the last place to the first.
    let start = headRoomBytes + (without.at(-1)?.end ?? 0)
    for (const [index, place] of [...without.entries()].toReversed()) {
      const from = headRoomBytes + (without[index - 1]?.end ?? 0)
      const to = headRoomBytes + place.start
      start -= to - from
      buffer.copyWithin(start, from, to)
    }
    if (start < prefix.length) return Buffer.concat([prefix, buffer.subarray(start, this.#end)])
    start -= prefix.length
    prefix.copy(buffer, start)
    return buffer.subarray(start, this.#end)
  }
}

const crlf = Buffer.from('\r\n')

const smuggling = new SubmissionRefusal(
  550,
  '5.6.0',
  'A dot stands alone on a line that does not end in CRLF: refused as an attempt to smuggle mail',
)
const loneReturn = new SubmissionRefusal(550, '5.6.0', 'A carriage return stands without a line feed')
const nul = new SubmissionRefusal(550, '5.6.0', 'The message has a NUL octet')
const longLine = new SubmissionRefusal(
  550,
  '5.6.0',
  `A line is longer than ${lineLimitBytes} octets: encode the message in base64 or quoted-printable`,
)

export function tooBig(limitBytes: number): SubmissionRefusal {
  return new SubmissionRefusal(552, '5.3.4', `The message is larger than Gmail takes: ${limitBytes} octets`)
}
