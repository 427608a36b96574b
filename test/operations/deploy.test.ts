import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { settings } from '#cli/settings.ts'
import { createMetrics } from '#metrics/metrics.ts'
import { yaml } from './yaml.ts'

const deploy = join(import.meta.dirname, '../../deploy')
const read = (name: string) => readFileSync(join(deploy, name), 'utf8')
const files = globSync('**/*', { cwd: deploy, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(deploy.length + 1))

interface Container {
  name: string
  image: string
  args?: string[]
  env?: { name: string; value?: string }[]
  ports?: { name: string; containerPort: number }[]
  securityContext?: {
    allowPrivilegeEscalation?: boolean
    readOnlyRootFilesystem?: boolean
    capabilities?: { drop?: string[] }
  }
  volumeMounts?: { name: string; mountPath: string }[]
  livenessProbe?: { httpGet: { path: string; port: string } }
  readinessProbe?: { httpGet: { path: string; port: string } }
  resources?: { limits?: { memory?: string } }
}

interface Resource {
  apiVersion: string
  kind: string
  metadata: { name: string }
  spec: {
    replicas: number
    strategy?: { type: string }
    selector: { matchLabels: object }
    volumeClaimTemplates?: { metadata: { name: string } }[]
    template: {
      metadata: { labels: object }
      spec: {
        automountServiceAccountToken: boolean
        terminationGracePeriodSeconds: number
        securityContext: { runAsNonRoot: boolean }
        initContainers?: Container[]
        containers: Container[]
        volumes: { name: string }[]
      }
    }
  }
}

/** The chart as Helm would render it with its own values, as far as our templates go. */
function rendered(template: string): string {
  const [values] = yaml<Record<string, unknown>>(read('helm/postern/values.yaml'))
  const value = (path: string) => {
    const found = path
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], values)
    assert.notEqual(found, undefined, `values.yaml has no ${path}`)
    return found
  }
  return (
    template
      // What is switched on by other values than these: lists of nothing.
      .replaceAll(
        /^ *\{\{- (?:range|with) [^}]*\.Values\.([\w.]+) \}\}[\s\S]*?\{\{- end \}\}\n/gm,
        (_all, path: string) => (value(path) === undefined ? '?' : ''),
      )
      .replaceAll(
        /\{\{- toYaml \.Values\.([\w.]+) \| nindent \d+ \}\}/g,
        (_all, path: string) => ` ${JSON.stringify(value(path))}`,
      )
      .replaceAll(/^\{\{- if \.Values\.([\w.]+) \}\}\n/gm, (_all, path: string) =>
        value(path) === undefined ? '?' : '',
      )
      .replaceAll(/^\{\{- end \}\}\n/gm, '')
      .replaceAll(/\{\{ \.Values\.([\w.]+) \}\}/g, (_all, path: string) => String(value(path)))
      .replaceAll('{{ .Release.Name }}', 'mail')
  )
}

const manifests = new Map<string, Resource[]>([
  ['kubernetes/bridge.yaml', yaml<Resource>(read('kubernetes/bridge.yaml'))],
  ['kubernetes/sidecar.yaml', yaml<Resource>(read('kubernetes/sidecar.yaml'))],
  [
    'helm/postern',
    globSync('helm/postern/templates/*.yaml', { cwd: deploy }).flatMap((name) =>
      yaml<Resource>(rendered(read(name))),
    ),
  ],
])

describe('deploy/', () => {
  test('every variable of Postern that is named there exists', () => {
    const known = new Set(Object.values(settings).map(({ name }) => name))
    for (const name of files)
      for (const [word] of read(name).matchAll(/\b(?:POSTERN|GOOGLE_CLIENT)_[A-Z0-9_]+\b/g))
        assert.ok(known.has(word), `${name}: ${word}`)
  })

  test('every metric that alerts and the dashboard ask for exists', async () => {
    const metrics = createMetrics({ version: '0', perAccount: false })
    metrics.watch({
      accounts: () => [],
      cache: () => ({ memoryBytes: 0, diskBytes: 0, entries: 0, hits: 0, misses: 0 }),
      disk: async () => ({ storeBytes: 0, freeBytes: 0 }),
      sessions: () => ({}),
    })
    const known = new Map(
      [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [
        name,
        type,
      ]),
    )
    let asked = 0
    for (const name of ['prometheus/alerts.yaml', 'grafana/postern.json'])
      for (const [word] of read(name).matchAll(/\b(?:postern|nodejs|process)_[a-z0-9_]+/g)) {
        const type = known.get(word)
        const histogram = known.get(word.replace(/_(?:bucket|count|sum)$/, '')) === 'histogram'
        assert.ok(type !== undefined || histogram, `${name}: ${word}`)
        asked++
      }
    assert.ok(asked > 30)
  })

  test('every alert has an expression, a severity, a summary, and a line in the operations guide', () => {
    interface Rules {
      groups: {
        rules: {
          alert: string
          expr: string
          labels: { severity: string }
          annotations: { summary: string }
        }[]
      }[]
    }
    const guide = readFileSync(join(deploy, '../docs/operations.md'), 'utf8')
    const [rules] = yaml<Rules>(read('prometheus/alerts.yaml'))
    const all = rules?.groups.flatMap(({ rules: some }) => some) ?? []
    assert.ok(all.length > 10)
    for (const { alert, expr, labels, annotations } of all) {
      assert.match(alert, /^Postern[A-Z]/)
      assert.equal(expr.split('(').length, expr.split(')').length, alert)
      assert.match(labels.severity, /^(?:warning|critical)$/)
      assert.ok(annotations.summary.length > 10, alert)
      assert.ok(guide.includes(alert), `docs/operations.md says nothing of ${alert}`)
    }
  })

  for (const [name, resources] of manifests)
    test(`${name}: Postern runs without rights, its root read-only, one replica, probed on the metrics port`, () => {
      const workload = resources.find(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
      assert.ok(workload)
      const { template, selector, strategy, replicas, volumeClaimTemplates = [] } = workload.spec
      assert.equal(replicas, 1)
      if (workload.kind === 'Deployment') assert.equal(strategy?.type, 'Recreate')
      assert.deepEqual({ ...template.metadata.labels, ...selector.matchLabels }, template.metadata.labels)
      const pod = template.spec
      assert.equal(pod.automountServiceAccountToken, false)
      assert.equal(pod.securityContext.runAsNonRoot, true)
      assert.ok(pod.terminationGracePeriodSeconds > 10)
      const volumes = new Set([
        ...pod.volumes.map((one) => one.name),
        ...volumeClaimTemplates.map(({ metadata }) => metadata.name),
      ])
      const containers = [...(pod.initContainers ?? []), ...pod.containers]
      for (const { securityContext, volumeMounts = [] } of containers) {
        assert.equal(securityContext?.allowPrivilegeEscalation, false)
        assert.equal(securityContext.readOnlyRootFilesystem, true)
        assert.deepEqual(securityContext.capabilities?.drop, ['ALL'])
        for (const mount of volumeMounts) assert.ok(volumes.has(mount.name), mount.name)
      }
      const postern = containers.find((one) => one.name === 'postern')
      assert.ok(postern)
      assert.deepEqual(postern.args, ['serve'])
      assert.ok(postern.resources?.limits?.memory)
      for (const [probe, path] of [
        [postern.livenessProbe, '/healthz'],
        [postern.readinessProbe, '/readyz'],
      ] as const) {
        assert.equal(probe?.httpGet.path, path)
        assert.ok(postern.ports?.some((port) => port.name === probe?.httpGet.port))
      }
      for (const resource of resources)
        assert.ok(resource.apiVersion && resource.kind && resource.metadata.name)
    })

  test('the image: nobody in particular, a probe, secrets neither in it nor in its environment', () => {
    const text = read('Dockerfile')
    assert.match(text, /^USER 65532:65532$/m)
    assert.match(text, /^HEALTHCHECK /m)
    assert.match(text, /^ENTRYPOINT \["node", "\/app\/src\/main\.ts"\]$/m)
    assert.doesNotMatch(text, /POSTERN_KEY|SECRET|TOKEN/)
    const ignored = readFileSync(join(deploy, '../.dockerignore'), 'utf8')
    assert.match(ignored, /^\*$/m)
  })

  test('compose: hardened services; published ports are of this machine alone', () => {
    interface Service {
      read_only: boolean
      cap_drop: string[]
      ports: string[]
    }
    const [compose] = yaml<{ services: Record<string, Service> }>(read('compose.yaml'))
    const services = Object.values(compose?.services ?? {})
    assert.equal(services.length, 2)
    for (const { read_only: readOnly, cap_drop: dropped, ports } of services) {
      assert.equal(readOnly, true)
      assert.deepEqual(dropped, ['ALL'])
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
    }
  })

  test('the dashboard: panels do not overlap and every one asks something', () => {
    interface Panel {
      title: string
      gridPos: { x: number; y: number }
      targets: { expr: string }[]
    }
    const { panels } = JSON.parse(read('grafana/postern.json')) as { panels: Panel[] }
    assert.equal(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size, panels.length)
    for (const { title, targets } of panels)
      assert.ok(
        targets.every(({ expr }) => expr !== ''),
        title,
      )
  })

  for (const [file, wanted] of [
    ['launchd/org.postern.bridge.plist', /<key>ProgramArguments<\/key>/],
    ['windows/postern.xml', /<executable>.*node\.exe<\/executable>/],
  ] as const)
    test(`${file}: every tag closes`, () => {
      const text = read(file).replaceAll(/<!--[\s\S]*?-->|<[?!][^>]*>/g, '')
      const open: string[] = []
      for (const [, end, tag, empty] of text.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
        if (end === '/') assert.equal(open.pop(), tag)
        else if (empty !== '/') open.push(tag ?? '')
      }
      assert.deepEqual(open, [])
      assert.match(text, wanted)
    })

  const analyze = spawnSync('systemd-analyze', ['--version'])
  test('systemd: the unit is sound and well locked in', { skip: analyze.error !== undefined }, () => {
    const unit = join(deploy, 'systemd/postern.service')
    const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    assert.equal(verified.status, 0, verified.stderr)
    // Exposure from 0 (best) to 10, times ten.
    const secure = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
      encoding: 'utf8',
    })
    assert.equal(secure.status, 0, secure.stdout)
  })
})
