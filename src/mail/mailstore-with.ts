import type { Mailstore } from './mailstore.ts'

/**
 * The same mail, with some methods replaced. Everything else reaches `inner` as if it were called there, members that come
 * later included.
 */
export function mailstoreWith(inner: Mailstore, own: Partial<Mailstore>): Mailstore {
  const bound = new Map<string | symbol, unknown>(Object.entries(own))
  return new Proxy(inner, {
    get(target, name) {
      const known = bound.get(name)
      if (known !== undefined) return known
      // Private fields want the object itself as their `this`.
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const method = (value as (...given: unknown[]) => unknown).bind(target)
      bound.set(name, method)
      return method
    },
  })
}
