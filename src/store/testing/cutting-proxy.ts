import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Between a client and PostgreSQL: loses connections at the moment a test wants. */
export class CuttingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #cut: { readonly before: string; readonly when: 'question' | 'answer' } | undefined
  #isOpen = true
  #closesAtCut = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(port: number): Promise<CuttingProxy> {
    const server = createServer()
    const proxy = new CuttingProxy(server)
    server.on('connection', (client) => proxy.#accept(client, port))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The next statement that holds these words is lost: the question before it arrives, or only its answer. */
  cutAt(before: string, when: 'question' | 'answer'): void {
    this.#cut = { before, when }
  }

  /** Whether connections are taken; those that are there end when not. */
  open(isOpen: boolean): void {
    this.#isOpen = isOpen
    if (!isOpen) this.#cutAll()
  }

  /** The next cut leaves it closed. */
  closeAtCut(): void {
    this.#closesAtCut = true
  }

  async close(): Promise<void> {
    this.#cutAll()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket, port: number): void {
    if (!this.#isOpen) return void client.destroy()
    const server = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
    client.on('data', (chunk) => {
      const cut = this.#cut
      if (cut === undefined || !chunk.includes(cut.before)) return void server.write(chunk)
      this.#cut = undefined
      if (this.#closesAtCut) this.#isOpen = false
      this.#closesAtCut = false
      if (cut.when === 'question') return this.#cutAll()
      // The server has done it when it answers.
      server.removeAllListeners('data')
      server.once('data', () => this.#cutAll())
      server.write(chunk)
    })
    server.on('data', (chunk) => void client.write(chunk))
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
