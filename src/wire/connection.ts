import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { Compression } from './compression.ts'
import { LineReader } from './line-reader.ts'
import { ConnectionEnded, Outgoing } from './outgoing.ts'
import type { Chunk, OutgoingLimits } from './outgoing.ts'
import { Silence } from './silence.ts'
import type { Turns } from './turns.ts'

/** Why the house stops listening to a client that is still there. */
export type Interruption =
  /** It did not log in in time. */
  | 'login-timeout'
  /** It said nothing for too long. */
  | 'idle'
  /** What it puts in comes too slowly, and takes room meanwhile. */
  | 'slow'
  /** Others want the place of a client that has not logged in. */
  | 'crowded'
  /** Its password is no longer good. */
  | 'revoked'
  /** The house closes. */
  | 'stopping'

/** How long a farewell may take before the socket is cut. */
const farewellMs = 2_000
/** A TLS handshake that takes longer ends the connection. */
const handshakeMs = 30_000

let lastId = 0

/** One client's socket: lines and octets come in, chunks go out, TLS or compression can start in the middle. */
export class Connection {
  /** Short name for log lines, unique in this process. */
  readonly id: string = (++lastId).toString(36)
  readonly remoteAddress: string
  readonly incoming: LineReader
  /** What this client may take of the event loop. */
  readonly turns: Turns
  readonly #limits: OutgoingLimits
  readonly #closed = new AbortController()
  #socket: Socket
  #outgoing: Outgoing
  #compression: Compression | undefined
  #interruption: Interruption | undefined
  readonly #silence = new Silence(() => this.interrupt('idle'))
  #bytesRead = 0
  /** Written before TLS or compression started. */
  #bytesBefore = 0

  constructor(socket: Socket, limits: OutgoingLimits, turns: Turns) {
    this.remoteAddress = socket.remoteAddress ?? ''
    this.#limits = limits
    this.turns = turns
    this.#socket = socket
    this.#outgoing = new Outgoing(socket, limits, turns)
    this.incoming = new LineReader({
      pause: () => (this.#compression ?? this.#socket).pause(),
      resume: () => (this.#compression ?? this.#socket).resume(),
    })
    this.#listen()
  }

  /** Whether TLS protects it. */
  get secure(): boolean {
    return this.#socket instanceof TLSSocket
  }

  /** Whether both directions are compressed. */
  get compressed(): boolean {
    return this.#compression !== undefined
  }

  /** Whether the client runs on this machine. */
  get isLoopback(): boolean {
    return isLoopback(this.remoteAddress)
  }

  /** Aborted when the socket is gone. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** Set when reads end although the client is still there. */
  get interruption(): Interruption | undefined {
    return this.#interruption
  }

  /** Octets that came so far: inside TLS, but before they are inflated. */
  get bytesRead(): number {
    return this.#bytesRead
  }

  /** Octets written so far. */
  get bytesWritten(): number {
    return this.#bytesBefore + this.#outgoing.bytes
  }

  /** Takes a chunk. A promise means: write nothing more before it resolves. It rejects with ConnectionEnded when the socket ends or stalls. */
  write(chunk: Chunk): Promise<void> | undefined {
    if (this.#closed.signal.aborted) return Promise.reject(new ConnectionEnded())
    return this.#outgoing.write(chunk)
  }

  /** Sends what was written now, instead of at the end of this turn of the event loop. */
  flush(): void {
    this.#outgoing.flush()
  }

  /** Ends reads, so that whoever reads can say why and leave. The first reason stays. */
  interrupt(reason: Interruption): void {
    this.#interruption ??= reason
    this.incoming.interrupt()
  }

  /** Interrupts when nothing comes in for `ms`; undefined lifts the limit. */
  limitSilence(ms: number | undefined): void {
    this.#silence.limit(ms)
  }

  /**
   * Starts TLS as the server. Everything unread is dropped first: somebody else may have put it there (CVE-2011-0411).
   * Call it in the same turn of the event loop in which the last clear octets were written. Rejects with ConnectionEnded when the handshake fails.
   */
  startTls(context: SecureContext): Promise<void> {
    this.flush()
    this.incoming.dropUnread()
    const plain = this.#socket
    plain.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
    const secured = new TLSSocket(plain, {
      isServer: true,
      secureContext: context,
      allowHalfOpen: true,
    } as object)
    this.#socket = secured
    this.#bytesBefore += this.#outgoing.bytes
    this.#outgoing = new Outgoing(secured, this.#limits, this.turns)
    return new Promise((resolve, reject) => {
      const tooSlow = setTimeout(() => secured.destroy(), handshakeMs)
      const onClose = () => {
        clearTimeout(tooSlow)
        this.#gone()
        reject(new ConnectionEnded())
      }
      secured.once('close', onClose).once('secure', () => {
        clearTimeout(tooSlow)
        secured.off('close', onClose)
        resolve()
      })
      this.#listen()
    })
  }

  /**
   * From now on both directions are compressed, whatever was not read yet included. There is no way back, and no TLS can
   * start in it. RFC 4978 section 3.
   */
  compress(): void {
    this.flush()
    const socket = this.#socket
    socket.removeAllListeners('data').removeAllListeners('end')
    const compression = new Compression(socket, {
      data: (octets) => this.incoming.push(octets),
      end: () => this.incoming.end(),
    })
    const early = this.incoming.takeUnread()
    this.#compression = compression
    this.#bytesBefore += this.#outgoing.bytes
    this.#outgoing = new Outgoing(compression.outgoing, this.#limits, this.turns)
    if (early.length > 0) compression.push(early)
    socket.on('data', (octets: Buffer) => {
      this.#bytesRead += octets.length
      this.#silence.heard()
      compression.push(octets)
    })
    socket.on('end', () => compression.end())
  }

  /** Sends what is left, then ends; cuts when the client does not take it. Resolves when the socket is gone. */
  end(): Promise<void> {
    this.limitSilence(undefined)
    if (this.#closed.signal.aborted) return Promise.resolve()
    this.flush()
    this.incoming.interrupt()
    return new Promise((resolve) => {
      const cut = setTimeout(() => this.#socket.destroy(), farewellMs)
      this.#closed.signal.addEventListener('abort', () => {
        clearTimeout(cut)
        resolve()
      })
      if (this.#compression === undefined) this.#socket.end()
      else {
        this.#compression.ignore()
        this.#compression.outgoing.end(() => this.#socket.end())
      }
      // What still comes is thrown away, so that the client's own end is seen.
      this.#socket.resume()
    })
  }

  /** Cuts the line at once. */
  destroy(): void {
    this.#socket.destroy()
  }

  #listen(): void {
    const socket = this.#socket
    // Said once more by `close`; without a listener it would end the process.
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      this.#bytesRead += chunk.length
      this.#silence.heard()
      this.incoming.push(chunk)
    })
    // The client may still wait for answers to what it sent (`printf … | nc`), so this is no reason to stop.
    socket.on('end', () => this.incoming.end())
    socket.on('close', () => this.#gone())
  }

  #gone(): void {
    this.#silence.close()
    this.incoming.end()
    this.#closed.abort(new ConnectionEnded())
  }
}

/** 127.0.0.0/8 and ::1, also as IPv4 written in IPv6. */
export function isLoopback(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  return plain === '::1' || plain.startsWith('127.')
}
