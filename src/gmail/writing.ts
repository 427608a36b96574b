import { labelId } from '#mail/ids.ts'
import type { LabelId } from '#mail/ids.ts'
import { readLabel, readStoredMessage } from './answers.ts'
import { loaded } from './carriage.ts'
import { planDelete, planModify } from './cost.ts'
import type { Engine } from './engine.ts'
import { unlessGone } from './gone.ts'
import type { GmailWriting } from './gmail.ts'
import { parseObject } from './json-answer.ts'
import { Ticket } from './ticket.ts'

const userId = 'me'
const sentLabel = labelId('SENT')

/** The calls that change labels and messages. */
export function createWriting(engine: Engine): GmailWriting {
  return {
    async modify(ids, change, call) {
      const labels = labelChange(change)
      if (labels === undefined) return
      const { batches, singles } = planModify(ids)
      for (const batch of batches) {
        const requestBody = { ids: [...batch], ...labels }
        await engine.perform(
          'messages.batchModify',
          new Ticket(call),
          (api, per) => api.users.messages.batchModify({ userId, requestBody }, per),
          ignore,
        )
      }
      await allOf(
        singles.map((id) =>
          engine.perform(
            'messages.modify',
            new Ticket(call),
            (api, per) => api.users.messages.modify({ userId, id, requestBody: labels }, per),
            ignore,
          ),
        ),
      )
    },

    async deleteMessages(ids, call) {
      const { batches, singles } = planDelete(ids)
      for (const batch of batches) {
        const requestBody = { ids: [...batch] }
        await engine.perform(
          'messages.batchDelete',
          new Ticket(call),
          (api, per) => api.users.messages.batchDelete({ userId, requestBody }, per),
          ignore,
        )
      }
      await allOf(
        singles.map((id) =>
          unlessGone(
            engine.perform(
              'messages.delete',
              new Ticket(call),
              (api, per) => api.users.messages.delete({ userId, id }, per),
              ignore,
            ),
          ),
        ),
      )
    },

    createLabel(name, call) {
      // As the web interface makes one: shown in both lists.
      const requestBody = { name, labelListVisibility: 'labelShow', messageListVisibility: 'show' }
      return engine.perform(
        'labels.create',
        new Ticket(call),
        (api, per) => api.users.labels.create({ userId, requestBody }, per),
        (body) => readLabel(parseObject(body)),
      )
    },

    renameLabel: (id, name, call) =>
      engine.perform(
        'labels.patch',
        new Ticket(call),
        (api, per) => api.users.labels.patch({ userId, id, requestBody: { name } }, per),
        (body) => readLabel(parseObject(body)),
      ),

    deleteLabel: (id, call) =>
      unlessGone(
        engine.perform(
          'labels.delete',
          new Ticket(call),
          (api, per) => api.users.labels.delete({ userId, id }, per),
          ignore,
        ),
      ),

    insertMessage({ bytes, labelIds, internalDate, threadId }, call) {
      const params = { userId, internalDateSource: internalDate ?? 'receivedTime' }
      const fields = { labelIds: [...labelIds], ...(threadId === undefined ? {} : { threadId }) }
      return engine.upload(
        'messages.insert',
        new Ticket(call),
        bytes,
        (api, per, message) => {
          const { content, options } = loaded(fields, message, per)
          return api.users.messages.insert({ ...params, ...content }, options)
        },
        (body) => readStoredMessage(parseObject(body), labelIds),
      )
    },

    sendMessage(bytes, { threadId }, call) {
      const fields = threadId === undefined ? undefined : { threadId }
      return engine.upload(
        'messages.send',
        new Ticket(call),
        bytes,
        (api, per, message) => {
          const { content, options } = loaded(fields, message, per)
          return api.users.messages.send({ userId, ...content }, options)
        },
        (body) => readStoredMessage(parseObject(body), [sentLabel]),
      )
    },
  }
}

/** All are waited for: nothing of ours is still under way when this throws. */
async function allOf(calls: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(calls))
    if (outcome.status === 'rejected') throw outcome.reason
}

/** The answer tells nothing that history will not. */
function ignore(): void {}

/** Undefined when nothing is to change: Gmail refuses an empty modify. */
function labelChange(change: {
  readonly add?: readonly LabelId[]
  readonly remove?: readonly LabelId[]
}): { addLabelIds?: LabelId[]; removeLabelIds?: LabelId[] } | undefined {
  const { add = [], remove = [] } = change
  if (add.length === 0 && remove.length === 0) return undefined
  return {
    ...(add.length === 0 ? {} : { addLabelIds: [...add] }),
    ...(remove.length === 0 ? {} : { removeLabelIds: [...remove] }),
  }
}
