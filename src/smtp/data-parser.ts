/* oxlint-disable no-underscore-dangle -- the library's own names; docs/decisions/0007-smtp-server.md */
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js'
import type { SMTPServerDataStream } from 'smtp-server'

const CR = 0x0d
const LF = 0x0a
const DOT = 0x2e

/** Where in a line of the message the last octet stood. Lines begin after CRLF, and only there. */
type Place = 'line-start' | 'in-line' | 'cr' | 'dot' | 'dot-cr'

const dot = Buffer.from('.')
const dotCr = Buffer.from('.\r')

/**
 * The library's parser with a reading of the message of our own. The library takes away a dot after a lone LF too, which
 * eats dots of clients that send LF (curl), and it goes through the event loop for every dot. Here only CRLF . CRLF ends
 * the message, and only `CRLF ..` loses a dot. RFC 5321 sections 4.1.1.4 and 4.5.2.
 */
export class DataParser extends SMTPStream {
  #place: Place = 'line-start'
  /** What of an undecided line stood in the chunks before. */
  #held = dot

  override startDataMode(maxBytes?: number | string | null): SMTPServerDataStream {
    this.#place = 'line-start'
    return super.startDataMode(maxBytes)
  }

  override _feedDataStream(chunk: Buffer, done: (error?: Error | null) => void): void {
    // What is message moves together at the front of the chunk; `from` is where the next of it starts.
    let kept = 0
    let from = 0
    // The dot that may go; negative when it stood in the chunk before.
    let dotAt = -1
    const keep = (end: number) => {
      if (from !== kept) chunk.copyWithin(kept, from, end)
      kept += end - from
    }
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      switch (this.#place) {
        case 'in-line': {
          const next = chunk.indexOf(CR, at)
          at = next === -1 ? chunk.length : next
          if (next !== -1) this.#place = 'cr'
          break
        }
        case 'cr':
          this.#place = byte === LF ? 'line-start' : inLine(byte)
          break
        case 'line-start':
          dotAt = at
          this.#place = byte === DOT ? 'dot' : inLine(byte)
          break
        case 'dot':
          if (byte === DOT) {
            if (dotAt >= 0) keep(dotAt)
            from = at
          } else if (byte !== CR && dotAt < 0) this.#give(dot)
          this.#place = byte === CR ? 'dot-cr' : 'in-line'
          break
        case 'dot-cr':
          if (byte === LF) {
            if (dotAt >= 0) keep(dotAt)
            this.#give(chunk.subarray(0, kept))
            return this._endDataMode(false, chunk.subarray(at + 1), done)
          }
          if (dotAt < 0) this.#give(this.#held)
          this.#place = inLine(byte)
      }
    }
    const undecided = this.#place === 'dot' || this.#place === 'dot-cr'
    if (undecided && this.#place === 'dot-cr' && dotAt < 0 && chunk.length === 1) this.#held = dotCr
    else if (undecided && dotAt >= 0) {
      keep(dotAt)
      this.#held = this.#place === 'dot' ? dot : dotCr
    } else if (!undecided) keep(chunk.length)
    if (this.#give(chunk.subarray(0, kept))) done()
    else this.#whenTaken(done)
  }

  /** False when the taker is to be waited for. */
  #give(octets: Buffer): boolean {
    const stream = this._dataStream
    if (octets.length === 0 || stream === null) return true
    this._countDataBytes(octets.length)
    return !stream.writable || stream.write(octets)
  }

  #whenTaken(done: () => void): void {
    const stream = this._dataStream
    if (stream === null || stream.destroyed) return done()
    const goOn = () => {
      stream.off('drain', goOn)
      stream.off('close', goOn)
      done()
    }
    stream.on('drain', goOn)
    stream.on('close', goOn)
  }
}

function inLine(byte: number): Place {
  return byte === CR ? 'cr' : 'in-line'
}
