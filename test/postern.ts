import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Door {
  host: string
  port: number
}

/** The JSON line of design.md section 9. */
export interface Ready {
  pid: number
  imap: Door
  imaps: Door
  pop3?: Door
  pop3s?: Door
  smtp?: Door
  smtps?: Door
  web: { url: string }
  metrics?: { url: string }
  simulator: {
    url: string
    token: string
    refreshToken: string
    control: string
    clientId: string
    clientSecret: string
    peer: { user: string; token: string }
  }
  account: { user: string; password: string }
}

/** Postern as a process of its own, spoken to by its outer interface alone. */
export interface Running {
  readonly ready: Ready
  readonly process: ChildProcess
  /** What it logged so far. */
  readonly log: () => string
  /** Resolves when it has logged this; rejects with the log when it ends without. */
  logged(text: string): Promise<void>
  /** Ends it as an operator does and waits; gives the exit code. */
  stop(): Promise<number | null>
  /** Ends it as a power cut does. */
  kill(): Promise<void>
}

const root = join(import.meta.dirname, '..')

/** Every front door on any free port. */
export const freePorts = {
  POSTERN_IMAP_PORT: '0',
  POSTERN_IMAPS_PORT: '0',
  POSTERN_POP3_PORT: '0',
  POSTERN_POP3S_PORT: '0',
  POSTERN_SMTP_PORT: '0',
  POSTERN_SMTPS_PORT: '0',
  POSTERN_WEB_PORT: '0',
}

/** Starts `postern ARGS --json` and resolves with its ready line; rejects with its log when it ends before. */
export async function startPostern(
  args: readonly string[],
  environment: Record<string, string> = {},
  main = join(root, 'src/main.ts'),
): Promise<Running> {
  const child = spawn(process.execPath, [main, ...args, '--json'], {
    cwd: tmpdir(),
    env: { ...process.env, NODE_OPTIONS: '', ...freePorts, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-1_000_000)
  })
  // Not 'exit': then the last of the log may be on its way.
  const ended = once(child, 'close') as Promise<[number | null]>
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    ended.then(([code]) => {
      throw new Error(`postern ${args.join(' ')} ended with ${code} before it was ready:\n${log}`)
    }),
  ])
  return {
    ready: JSON.parse(first[0]) as Ready,
    process: child,
    log: () => log,
    async logged(text) {
      while (!log.includes(text)) {
        const [code] = await Promise.race([once(child.stderr, 'data').then(() => [undefined]), ended])
        if (code !== undefined && !log.includes(text))
          throw new Error(`postern ended with ${code} and did not log ${text}:\n${log}`)
      }
    },
    async stop() {
      child.kill('SIGTERM')
      return (await ended)[0]
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A folder of its own that is gone when the work is done. */
export async function withFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-'))
  try {
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Asks the simulator's control endpoint. */
export async function control(
  ready: Ready,
  verb: string,
  body: object = {},
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${ready.simulator.control}/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const value = (await answer.json()) as Record<string, unknown>
  if (!answer.ok) throw new Error(`control ${verb}: ${answer.status} ${JSON.stringify(value)}`)
  return value
}
