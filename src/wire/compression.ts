import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib'

/**
 * Deflate with a window of 8 KiB and little memory costs a connection 48 KiB instead of 256 KiB, and mail headers compress
 * nearly as well; the client may use the full window, so inflate has 32 KiB for it.
 */
const deflateOptions = { level: 6, windowBits: 13, memLevel: 5, chunkSize: 8 * 1024 }
const inflateOptions = { chunkSize: 8 * 1024, finishFlush: constants.Z_SYNC_FLUSH }

type Done = (error?: Error | null) => void

/** Deflates what is written into a socket; each uncorking ends with a sync flush, so that the client can read it all. */
class Deflating extends Writable {
  readonly #socket: Socket
  readonly #deflate = createDeflateRaw(deflateOptions)

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    this.#deflate.on('data', (octets: Buffer) => socket.write(octets))
    this.#deflate.on('error', (error) => this.destroy(error))
    // Said once more by the socket's `close`.
    this.on('error', () => {})
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#deflate.write(chunk)
    this.#send(done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    for (const { chunk } of chunks) this.#deflate.write(chunk)
    this.#send(done)
  }

  override _final(done: Done): void {
    this.#deflate.once('end', () => done())
    this.#deflate.end()
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#deflate.destroy()
    this.#socket.destroy()
    done(error)
  }

  /** Takes no more before the socket has room. */
  #send(done: Done): void {
    this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
      if (this.#socket.writableNeedDrain) this.#socket.once('drain', () => done())
      else done()
    })
  }
}

/** What compressed octets become. */
export interface Inflated {
  data(octets: Buffer): void
  end(): void
}

/**
 * Raw deflate in both directions over a socket. RFC 4978. However far a few octets inflate, only some tens of kilobytes
 * wait here: `pause` stops the work, and then the socket.
 */
export class Compression {
  /** What is written goes out compressed; ending it ends the stream, not the socket. */
  readonly outgoing: Writable
  readonly #socket: Socket
  readonly #inflate = createInflateRaw(inflateOptions)

  /** Octets that cannot be inflated end the connection: nothing after them can be read. */
  constructor(socket: Socket, inflated: Inflated) {
    this.#socket = socket
    this.outgoing = new Deflating(socket)
    this.#inflate
      .on('data', (octets: Buffer) => inflated.data(octets))
      .on('end', () => inflated.end())
      .on('error', () => socket.destroy())
      .on('drain', () => socket.resume())
    socket.once('close', () => {
      this.#inflate.destroy()
      this.outgoing.destroy()
    })
  }

  /** Octets as they come from the socket. */
  push(octets: Buffer): void {
    if (this.#inflate.destroyed || this.#inflate.writableEnded) return
    if (!this.#inflate.write(octets)) this.#socket.pause()
  }

  /** No more comes. */
  end(): void {
    this.#inflate.end()
  }

  pause(): void {
    this.#inflate.pause()
  }

  resume(): void {
    this.#inflate.resume()
  }

  /** From now on what comes is thrown away. */
  ignore(): void {
    this.#inflate.destroy()
  }
}
