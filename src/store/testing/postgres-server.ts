import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The binaries refuse root: under root they run as nobody. */
const nobody = 65534

/** The newest server that Debian, Homebrew or PATH has; undefined when there is none. */
const binaries = findBinaries()

/** Why tests with a real PostgreSQL cannot run here; false when they can. */
export const noPostgres: string | false = reason()

function reason(): string | false {
  if (process.platform === 'win32') return 'a PostgreSQL is stopped by signals, which Windows lacks'
  return binaries === undefined ? 'no PostgreSQL server is installed (initdb, postgres)' : false
}

function findBinaries(): string | undefined {
  const installed = ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql@*/bin', '/usr/pgsql-*/bin']
  return [...globSync(installed).toSorted().toReversed(), ...(process.env['PATH'] ?? '').split(':')].find(
    (dir) => ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(dir, name))),
  )
}

/** A PostgreSQL of its own in a temporary folder, on a free port of the loopback address. */
export class PostgresServer {
  readonly port: number
  readonly #dir: string
  #process: ChildProcess | undefined
  #databases = 0
  #emptied: string | undefined

  private constructor(dir: string, port: number) {
    this.#dir = dir
    this.port = port
  }

  /** With TLS when there are a certificate and its key, in PEM. */
  static async start(tls?: { readonly certificate: string; readonly key: string }): Promise<PostgresServer> {
    if (binaries === undefined) throw new Error(String(noPostgres))
    const dir = mkdtempSync(join(tmpdir(), 'postern-postgres-'))
    chmodSync(dir, 0o700)
    if (process.getuid?.() === 0) chownSync(dir, nobody, nobody)
    const server = new PostgresServer(dir, await freePort())
    // A locale that sorts otherwise than octets do.
    const flags =
      '--username=postern --auth=trust --encoding=UTF8 --no-sync --locale-provider=icu --icu-locale=en'
    const [file, args] = asSomebody('initdb', [`--pgdata=${join(dir, 'data')}`, ...flags.split(' ')])
    await run(file, args, { env: environment() })
    if (tls !== undefined) server.#secure(tls)
    await server.resume()
    return server
  }

  #secure({ certificate, key }: { readonly certificate: string; readonly key: string }): void {
    for (const [name, text] of [
      ['server.crt', certificate],
      ['server.key', key],
    ] as const) {
      const path = join(this.data, name)
      writeFileSync(path, text, { mode: 0o600 })
      if (process.getuid?.() === 0) chownSync(path, nobody, nobody)
    }
    appendFileSync(join(this.data, 'postgresql.conf'), 'ssl = on\n')
  }

  /** An empty database of this server: its address. */
  async newDatabase(): Promise<string> {
    const name = `test_${++this.#databases}`
    await this.psql('postgres', `create database ${name}`)
    return this.urlOf(name)
  }

  /** The same for tests one after the other: a database costs a second, a schema little. */
  async emptiedDatabase(): Promise<string> {
    if (this.#emptied === undefined) this.#emptied = await this.newDatabase()
    else
      await this.psql(
        new URL(this.#emptied).pathname.slice(1),
        'set client_min_messages = error; drop schema postern cascade',
      )
    return this.#emptied
  }

  /** Where its Unix socket is. */
  get folder(): string {
    return this.#dir
  }

  /** Where its files are. */
  get data(): string {
    return join(this.#dir, 'data')
  }

  urlOf(database: string): string {
    return `postgres://postern:not-asked-for@127.0.0.1:${this.port}/${database}?sslmode=disable`
  }

  /** What psql answers to a statement, without headings. */
  async psql(database: string, sql: string): Promise<string> {
    const { stdout } = await run(
      join(binaries ?? '', 'psql'),
      ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-c', sql],
      {
        env: {
          ...environment(),
          PGHOST: '127.0.0.1',
          PGPORT: String(this.port),
          PGUSER: 'postern',
          PGDATABASE: database,
        },
      },
    )
    return stdout.trim()
  }

  /** Runs the server again, after `halt`. */
  async resume(): Promise<void> {
    const [file, args] = asSomebody('postgres', [
      `-D${join(this.#dir, 'data')}`,
      `--port=${this.port}`,
      '--listen_addresses=127.0.0.1',
      `--unix_socket_directories=${this.#dir}`,
      // The machine does not fail in these tests, only processes do.
      '--fsync=off',
    ])
    const child = spawn(file, args, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)))
    const ready = Promise.withResolvers<void>()
    child.stderr.on('data', () => {
      if (said.includes('ready to accept connections')) ready.resolve()
    })
    child.once('exit', () => ready.reject(new Error(`PostgreSQL ended:\n${said}`)))
    await ready.promise
  }

  /** `fast` ends sessions in an orderly way, `kill` as a crash does. */
  async halt(how: 'fast' | 'kill'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    // Immediate shutdown: no checkpoint, every backend quits at once. SIGKILL would leave them behind.
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await ended
  }

  async stop(): Promise<void> {
    await this.halt('kill')
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The command as root may not run it: under another user. */
function asSomebody(name: string, args: readonly string[]): [file: string, args: string[]] {
  const file = join(binaries ?? '', name)
  if (process.getuid?.() !== 0) return [file, [...args]]
  return ['setpriv', ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups', file, ...args]]
}

/** Without what would point the programs elsewhere. */
function environment(): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  return { ...Object.fromEntries(rest), LC_ALL: 'C.UTF-8' }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
