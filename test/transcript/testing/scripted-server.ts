import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Scene } from '../stage.ts'

/** A server that answers to each line it gets with what `answers` holds for it, and greets and knows logins. */
export interface ScriptedServer extends AsyncDisposable {
  readonly scene: Scene
  /** Packets as they came in, logins apart. */
  readonly heard: string[]
  /** G lines. */
  readonly sentences: string[]
}

export async function scriptedServer(
  answers: Readonly<Record<string, string>>,
  google: (sentence: string) => Promise<void> = () => Promise.resolve(),
): Promise<ScriptedServer> {
  const heard: string[] = []
  const sentences: string[] = []
  const server = createServer((socket) => {
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.write('* OK ready\r\n')
    socket.on('data', (packet: string) => {
      if (packet.startsWith('login LOGIN ')) return socket.write('login OK\r\n')
      if (packet === 'end LOGOUT\r\n') return socket.write(`${answers['end'] ?? ''}* BYE\r\nend OK\r\n`)
      heard.push(packet)
      for (const line of packet.trimEnd().split('\r\n')) {
        const answer = answers[line] ?? `${line.split(' ')[0]} OK done\r\n`
        if (answer === 'close') socket.end()
        else socket.write(answer, 'latin1')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const door = { host: '127.0.0.1', port }
  return {
    heard,
    sentences,
    scene: {
      doors: { imap: door, imaps: door },
      bindings: new Map([
        ['user', 'ada'],
        ['password', 'secret'],
      ]),
      google(sentence) {
        sentences.push(sentence)
        return google(sentence)
      },
    },
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
