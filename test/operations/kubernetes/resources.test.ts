import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { yaml } from '../yaml.ts'
import { buildRenderer } from './chart.ts'
import type { Resource } from './resource.ts'
import { checkResource } from './schema.ts'

const deploy = join(import.meta.dirname, '../../../deploy')
const { render, why, remove } = buildRenderer()
after(remove)

/** Definitions of other people's operators, which no Kubernetes has by itself. */
const custom = new Set(['monitoring.coreos.com/v1 PodMonitor'])

const manifests = new Map(
  ['bridge.yaml', 'sidecar.yaml'].map((name) => [
    `kubernetes/${name}`,
    yaml<Resource | null>(readFileSync(join(deploy, 'kubernetes', name), 'utf8')),
  ]),
)
const charts: Record<string, object> = {
  'with its own values': {},
  'with everything on': {
    podMonitor: { enabled: true },
    persistence: { storageClassName: 'fast', size: '20Gi' },
    environment: {
      POSTERN_QUOTA_PER_MINUTE: 15_000,
      POSTERN_AUDIT_LOG: 'stderr',
      POSTERN_NAME: 'it\'s "quoted": {yes} # no',
    },
    image: { repository: 'registry.example.org/post/postern', tag: '1.2.3', pullPolicy: 'Always' },
    networkPolicy: { clientLabel: 'example.org/mail-client', monitoringNamespace: 'watch' },
    resources: { requests: { cpu: '1' }, limits: { memory: '2Gi', cpu: '2' } },
  },
  'without a network policy': { networkPolicy: { enabled: false }, secretName: 'other' },
}
if (render !== undefined)
  for (const [name, overrides] of Object.entries(charts))
    manifests.set(`helm/postern ${name}`, yaml<Resource | null>(render(overrides)))

const resourcesOf = (name: string) => (manifests.get(name) ?? []).filter((one) => one !== null)
const find = (name: string, kind: string) => resourcesOf(name).find((one) => one.kind === kind)

describe('deploy/ for Kubernetes', () => {
  for (const name of manifests.keys()) {
    test(`${name}: every resource is one of Kubernetes, field by field`, async () => {
      const resources = resourcesOf(name)
      assert.ok(resources.length > 0)
      for (const resource of resources)
        if (!custom.has(`${resource.apiVersion} ${resource.kind}`)) await checkResource(resource)
    })

    test(`${name}: Postern runs without rights, its root read-only, one replica, probed on the metrics port`, () => {
      const resources = resourcesOf(name)
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
  }

  test('the chart: what is switched on and off comes and goes', { skip: why }, () => {
    const [own, full, bare] = Object.keys(charts).map((name) => `helm/postern ${name}`) as [
      string,
      string,
      string,
    ]
    assert.ok(find(own, 'NetworkPolicy') && !find(own, 'PodMonitor'))
    assert.ok(find(full, 'NetworkPolicy') && find(full, 'PodMonitor'))
    assert.ok(!find(bare, 'NetworkPolicy') && !find(bare, 'PodMonitor'))
  })

  test('the chart: variables reach Postern as they were written', { skip: why }, () => {
    const workload = find('helm/postern with everything on', 'Deployment')
    const [postern] = workload?.spec.template.spec.containers ?? []
    assert.equal(postern?.image, 'registry.example.org/post/postern:1.2.3')
    const environment = new Map(postern.env?.map((one) => [one.name, one.value]))
    assert.equal(environment.get('POSTERN_QUOTA_PER_MINUTE'), '15000')
    assert.equal(environment.get('POSTERN_NAME'), 'it\'s "quoted": {yes} # no')
  })
})
