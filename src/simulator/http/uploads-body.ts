import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { badRequest, GmailError } from '../errors.ts'

/** The capacity that is made before anything has come, whatever a client announces. */
const firstCapacity = 1024 * 1024

export function requestTooLarge(): GmailError {
  return new GmailError(413, 'uploadTooLarge', 'Request Entity Too Large')
}

/** Octets that grow up to a limit. Pieces are copied at once: a small piece would keep its whole socket buffer alive. */
export class Octets {
  readonly #limit: number
  #buffer: Buffer = Buffer.alloc(0)
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get length(): number {
    return this.#length
  }

  /** @throws {GmailError} 413 over the limit. */
  append(piece: Buffer, expected = 0): void {
    const length = this.#length + piece.length
    if (length > this.#limit) throw requestTooLarge()
    if (length > this.#buffer.length) {
      const wanted = Math.max(length, this.#buffer.length * 2, Math.min(expected, firstCapacity))
      const bigger = Buffer.allocUnsafeSlow(Math.min(wanted, this.#limit))
      this.#buffer.copy(bigger, 0, 0, this.#length)
      this.#buffer = bigger
    }
    piece.copy(this.#buffer, this.#length)
    this.#length = length
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length)
  }

  /** A view, good until the next append. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  clear(): void {
    this.#buffer = Buffer.alloc(0)
    this.#length = 0
  }
}

/** The handlers of this scope read the bodies themselves, whatever their type: see `octetsOf`. */
export function leaveBodiesUnread(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
}

/**
 * The octets of a request's body, unpacked when it is gzip. A reader that stops early leaves the request whole, so that
 * it can still be answered; Node then drops the rest.
 * @throws {GmailError} 400 for gzip that is none, 415 for another content coding.
 */
export async function* octetsOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (coding === 'identity') {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
    return
  }
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    throw new GmailError(415, 'badRequest', 'Unsupported Content-Encoding', { status: 'INVALID_ARGUMENT' })
  }
  const unpacked = createGunzip()
  const cut = () => unpacked.destroy(new Error('the request was cut off'))
  request.once('aborted', cut).once('error', cut)
  request.pipe(unpacked)
  try {
    yield* unpacked as AsyncIterable<Buffer>
  } catch (error) {
    if (request.destroyed && !request.complete) throw error
    throw badRequest('Request body is not valid gzip.')
  } finally {
    request.unpipe(unpacked).off('aborted', cut).off('error', cut)
    unpacked.destroy()
  }
}

/**
 * The whole body of a request.
 * @throws {GmailError} 413 over the limit, at once when the length is announced.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) throw requestTooLarge()
  const octets = new Octets(limit)
  for await (const piece of octetsOf(request)) octets.append(piece, announced)
  return octets.view()
}
