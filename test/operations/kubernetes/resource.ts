/** What the tests look at in a container of a pod. */
export interface Container {
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

/** What the tests look at in a Kubernetes resource. */
export interface Resource {
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
