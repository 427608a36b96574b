import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const source = join(import.meta.dirname, 'render.go')
/** Where Debian's golang-…-dev packages put libraries. */
const libraries = '/usr/share/gocode'

/**
 * The chart renderer, compiled: Go's templates with Helm's functions, which is what Helm is. Undefined, with the reason,
 * where Go or its libraries are not installed (Debian: golang-go golang-github-masterminds-sprig-dev
 * golang-gopkg-yaml.v3-dev).
 */
export function buildRenderer(): {
  render?: (overrides: object) => string
  why?: string
  remove: () => void
} {
  const folder = mkdtempSync(join(tmpdir(), 'postern-chart-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const binary = join(folder, 'render')
  const built = spawnSync('go', ['build', '-o', binary, source], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      GO111MODULE: 'off',
      GOPATH: libraries,
      GOCACHE: join(folder, 'cache'),
      CGO_ENABLED: '0',
      HOME: folder,
    },
  })
  if (built.error !== undefined) return { why: 'there is no go', remove }
  if (built.status !== 0) {
    if (/cannot find package/.test(built.stderr)) return { why: built.stderr.slice(0, 200), remove }
    throw new Error(built.stderr)
  }
  return {
    remove,
    render(overrides) {
      const chart = join(import.meta.dirname, '../../../deploy/helm/postern')
      const { stdout, stderr, status } = spawnSync(binary, [chart], {
        input: JSON.stringify(overrides),
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(stderr)
      return stdout
    },
  }
}
