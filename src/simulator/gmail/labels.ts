import { invalidArgument, notFound } from '../errors.ts'
import { countMessages, countThreads } from '../mailbox/counts.ts'
import type { LabelRow } from '../mailbox/labels.ts'
import { objectIn, textIn, type Body } from './body.ts'
import { method } from './method.ts'
import { invalidValue } from './parameters.ts'
import { scopes } from './scopes.ts'

const list = method({
  name: 'labels.list',
  http: 'GET',
  path: 'labels',
  scopes: scopes.readLabels,
  units: 1,
  run: ({ mailbox }) => ({ labels: mailbox.labels.all().map(describe) }),
})

const get = method({
  name: 'labels.get',
  http: 'GET',
  path: 'labels/{id}',
  scopes: scopes.readLabels,
  units: 1,
  run({ mailbox, place }) {
    const row = mailbox.labels.require(place('id'))
    return { ...describe(row), ...countMessages(mailbox, row.l), ...countThreads(mailbox, row.l) }
  },
})

const create = method({
  name: 'labels.create',
  http: 'POST',
  path: 'labels',
  scopes: scopes.writeLabels,
  units: 5,
  run({ mailbox, body }) {
    const { name, ...visibility } = readChange(body)
    if (name === undefined) throw invalidArgument('Label name is required')
    const given = Object.entries(visibility).filter(([, value]) => value !== null)
    return describe(mailbox.labels.create(name, Object.fromEntries(given)))
  },
})

/** What the body does not say is what it is for a new label. */
const update = method({
  name: 'labels.update',
  http: 'PUT',
  path: 'labels/{id}',
  scopes: scopes.writeLabels,
  units: 5,
  run({ mailbox, body, place }) {
    const change = readChange(body)
    if (change.name === undefined) throw invalidArgument('Label name is required')
    return describe(
      mailbox.labels.update(place('id'), { messageList: null, labelList: null, color: null, ...change }),
    )
  },
})

const patch = method({
  name: 'labels.patch',
  http: 'PATCH',
  path: 'labels/{id}',
  scopes: scopes.writeLabels,
  units: 5,
  run: ({ mailbox, body, place }) => describe(mailbox.labels.update(place('id'), readChange(body))),
})

const remove = method({
  name: 'labels.delete',
  http: 'DELETE',
  path: 'labels/{id}',
  scopes: scopes.writeLabels,
  units: 5,
  run({ mailbox, place }) {
    const row = mailbox.labels.byId(place('id'))
    if (!row) throw notFound()
    mailbox.removeLabel(row.id)
  },
})

const messageListChoices = ['show', 'hide']
const labelListChoices = ['labelShow', 'labelShowIfUnread', 'labelHide']

/** Only what the body names; null is what it is for a new label. */
function readChange(body: Body): {
  name?: string
  messageList?: string | null
  labelList?: string | null
  color?: object | null
} {
  const name = textIn(body, 'name')
  const messageList = oneOf(body, 'messageListVisibility', messageListChoices)
  const labelList = oneOf(body, 'labelListVisibility', labelListChoices)
  return {
    ...(name === undefined ? {} : { name }),
    ...(messageList === undefined ? {} : { messageList }),
    ...(labelList === undefined ? {} : { labelList }),
    ...(body['color'] === undefined ? {} : { color: body['color'] === null ? null : readColor(body) }),
  }
}

function oneOf(body: Body, name: string, values: readonly string[]): string | null | undefined {
  if (body[name] === null) return null
  const value = textIn(body, name)
  if (value !== undefined && !values.includes(value)) throw invalidValue(`label.${name}`, 'ENUM', value)
  return value
}

/** Google's palette of 113 colours is not copied here: any colour is taken. */
function readColor(body: Body): object {
  const color = objectIn(body, 'color')
  const textColor = textIn(color, 'textColor')
  const backgroundColor = textIn(color, 'backgroundColor')
  for (const value of [textColor, backgroundColor]) {
    if (value === undefined || !/^#[0-9a-f]{6}$/.test(value))
      throw invalidArgument(`Label color ${value ?? ''} is not on the allowed color palette`)
  }
  return { textColor, backgroundColor }
}

function describe(row: LabelRow): object {
  return {
    id: row.id,
    name: row.name,
    ...(row.message_list === null ? {} : { messageListVisibility: row.message_list }),
    ...(row.label_list === null ? {} : { labelListVisibility: row.label_list }),
    type: row.type,
    ...(row.color === null ? {} : { color: JSON.parse(row.color) as object }),
  }
}

export const labelMethods = [list, get, create, update, patch, remove]
