import { startSimulator } from '#simulator/simulator.ts'
import type { Simulator } from '#simulator/simulator.ts'
import { Complaint } from './complaint.ts'
import { createLog } from './log.ts'
import type { DemoOptions } from './program.ts'
import { createProgress } from './progress.ts'
import { printReady } from './ready.ts'
import type { Ready } from './ready.ts'
import { readConfig } from './settings.ts'
import { listenForStop, untilStopped } from './until-stopped.ts'

/** `postern simulator`: the simulated Gmail alone, until it is told to stop. */
export async function simulator(options: DemoOptions & { port?: number }): Promise<void> {
  const gmail = await openSimulator({ ...options, dataDir: options.data, port: options.port ?? 0 })
  const log = createLog('info')
  const stop = listenForStop(log)
  if (options.json === true) printReady({ simulator: told(gmail) })
  else
    process.stdout.write(
      [
        `The simulated Gmail listens at ${gmail.url}`,
        `  account        ${gmail.account}, and a second one: ${gmail.peer.user}`,
        `  access token   ${gmail.token}`,
        `  refresh token  ${gmail.refreshToken}`,
        `  client         ${gmail.clientId} with the secret ${gmail.clientSecret}`,
        `  control        ${gmail.control}`,
        '',
        'Point a bridge at it:',
        `  POSTERN_GMAIL_API_URL=${gmail.url} POSTERN_GOOGLE_AUTH_URL=${gmail.url} POSTERN_GOOGLE_TOKEN_URL=${gmail.url}`,
        '',
      ].join('\n'),
    )
  await untilStopped(log, stop, () => gmail.close())
}

/** Starts the simulator as the options say and shows how far it is with filling the mailbox. Throws Complaint. */
export async function openSimulator(options: {
  mail?: string
  quota?: number
  latency?: number
  dataDir?: string | undefined
  port: number
}): Promise<Simulator> {
  const progress = createProgress('Filling the mailbox')
  try {
    return await startSimulator({
      host: '127.0.0.1',
      port: options.port,
      ...(options.mail === undefined ? {} : { mail: options.mail }),
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
      quotaPerMinute: options.quota ?? readConfig({}).quotaPerMinute,
      latencyMs: options.latency ?? 0,
      onProgress: (done, total) => progress.show(done, total),
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new Complaint(`Port ${options.port} is taken. Choose another with --port, or leave it out`, {
        cause: error,
      })
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES')
      throw new Complaint(`The mail folder ${options.mail ?? ''} cannot be read (${code})`, { cause: error })
    throw error
  } finally {
    progress.end()
  }
}

/** What the ready line tells of it. */
export function told(gmail: Simulator): NonNullable<Ready['simulator']> {
  const { url, token, refreshToken, control, clientId, clientSecret, peer } = gmail
  return { url, token, refreshToken, control, clientId, clientSecret, peer }
}
