import { once } from 'node:events'
import { createServer } from 'node:net'
import { settings } from '../settings.ts'
import type { Config } from '../settings.ts'
import type { Look } from './finding.ts'

const doors = [
  ['imapPort', 'host'],
  ['imapsPort', 'host'],
  ['pop3Port', 'host'],
  ['pop3sPort', 'host'],
  ['smtpPort', 'host'],
  ['smtpsPort', 'host'],
  ['scannerPort', 'scannerHost'],
  ['webPort', 'webHost'],
  ['metricsPort', 'metricsHost'],
] as const

/** Every port of a Postern that does not run: can it be listened on? */
export async function lookAtPorts(config: Config, look: Look): Promise<void> {
  for (const [key, hostKey] of doors) {
    const port = config[key]
    const decides = config[hostKey] === undefined ? 'host' : hostKey
    const host = config[hostKey] ?? config.host
    if (port !== 'off' && port !== 0)
      await look(`port ${port}`, () => listen(port, host, settings[key].name, settings[decides].name))
  }
}

async function listen(port: number, host: string, portName: string, hostName: string): Promise<string> {
  const server = createServer().listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`cannot be listened on at ${host}: ${remedyOf(code, portName, hostName)}`, {
      cause: error,
    })
  }
  server.close()
  await once(server, 'close')
  return 'is free'
}

function remedyOf(code: string | undefined, portName: string, hostName: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `another program uses it. End that, or set ${portName} to another number`
    case 'EACCES':
      return `the system does not allow it. Set ${portName} to a number above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no such address. Set ${hostName} to one that it has`
    default:
      return `${code ?? 'unknown error'}. Set ${portName} or ${hostName} to another`
  }
}
