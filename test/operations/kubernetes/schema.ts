/** What we use of a class of kubernetes-models: it is made of data and throws what is wrong with it. */
type Kind = new (data: object) => { validate(): void }

/** Throws what is wrong with a resource by Kubernetes' own schema: a wrong type, something missing, an unknown field. */
export async function checkResource(resource: { apiVersion: string; kind: string }): Promise<void> {
  const models = (await import(`kubernetes-models/${resource.apiVersion}`)) as Record<
    string,
    Kind | undefined
  >
  const Model = models[resource.kind]
  if (Model === undefined) throw new Error(`Kubernetes has no ${resource.apiVersion} ${resource.kind}`)
  const read = new Map<object, Set<PropertyKey>>()
  const model = new Model(resource)
  watched(model, read).validate()
  const unknown = unread(model, read)
  // The generated checks take unknown fields, as the API server without strict validation does, and drop them.
  if (unknown.length > 0) throw new Error(`Kubernetes knows no ${unknown.join(', ')}`)
}

/** A view that notes which fields were looked at. */
function watched<T extends object>(value: T, read: Map<object, Set<PropertyKey>>): T {
  return new Proxy(value, {
    get(target, key) {
      const seen = read.get(target) ?? new Set()
      read.set(target, seen.add(key))
      const found: unknown = Reflect.get(target, key)
      return typeof found === 'object' && found !== null ? watched(found, read) : found
    },
  })
}

/** Paths of the fields that nobody looked at. */
function unread(value: object, read: Map<object, Set<PropertyKey>>, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (read.get(value)?.has(key) !== true) return [`${path}.${key}`]
    return typeof inner === 'object' && inner !== null ? unread(inner, read, `${path}.${key}`) : []
  })
}
