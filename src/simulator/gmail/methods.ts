import { draftMethods } from './drafts.ts'
import { historyMethods } from './history.ts'
import { labelMethods } from './labels.ts'
import { messageMethods } from './messages.ts'
import type { Method } from './method.ts'
import { profileMethods } from './profile.ts'
import { settingsMethods } from './settings.ts'
import { threadMethods } from './threads.ts'

const methods: readonly Method[] = [
  ...profileMethods,
  ...messageMethods,
  ...threadMethods,
  ...draftMethods,
  ...labelMethods,
  ...historyMethods,
  ...settingsMethods,
]

const prefix = ['gmail', 'v1', 'users']

interface Route {
  method: Method
  segments: readonly string[]
}

const byShape = new Map<string, Route[]>()
for (const method of methods) {
  const segments = method.path.split('/')
  const shape = `${method.http} ${segments.length}`
  byShape.set(shape, [...(byShape.get(shape) ?? []), { method, segments }])
}

export interface MethodMatch {
  method: Method
  userId: string
  places: ReadonlyMap<string, string>
}

/** The method that a request means; undefined for a path that Gmail does not have. */
export function findMethod(http: string, path: string): MethodMatch | undefined {
  const [, ...all] = path.split('/')
  const userId = decode(all[prefix.length])
  if (userId === undefined || prefix.some((segment, index) => all[index] !== segment)) return undefined
  const segments = all.slice(prefix.length + 1).map(decode)
  for (const { method, segments: pattern } of byShape.get(`${http} ${segments.length}`) ?? []) {
    const places = new Map<string, string>()
    const fits = pattern.every((expected, index) => {
      const given = segments[index]
      if (given === undefined || given === '') return false
      if (!expected.startsWith('{')) return given === expected
      places.set(expected.slice(1, -1), given)
      return true
    })
    if (fits) return { method, userId, places }
  }
  return undefined
}

function decode(segment: string | undefined): string | undefined {
  if (segment === undefined || segment === '') return undefined
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
