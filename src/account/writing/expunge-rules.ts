import type { ImapSettings } from '#gmail/gmail.ts'
import type { LabelId } from '#mail/ids.ts'
import { allMail, systemLabel } from '../label-rules.ts'

/** What the account, or its operator, wants done with what leaves its last mailbox. Fact sheet section 2.12. */
export type ExpungeBehavior = ImapSettings['expungeBehavior']

export type Fate =
  /** The mailbox's label is taken off. */
  | 'unlabel'
  | 'trash'
  | 'delete'
  /** By drafts.delete: the draft goes with its message. */
  | 'discard'

/** Mailboxes that Gmail fills by its own judgement: being in one of them keeps nothing from being in its last. */
function isGuess(label: LabelId): boolean {
  return label === systemLabel.important || label.startsWith('CATEGORY_')
}

/** Whether an EXPUNGE in the mailbox of this label asks what to do with a message that is in no other. */
export function mayBeLast(mailbox: LabelId): boolean {
  return fixedFate(mailbox) === undefined
}

/**
 * What an EXPUNGE in the mailbox of a label does to a message that has these mailboxes' labels (design.md section 3). The
 * last visible mailbox is the last one but All Mail.
 */
export function fateOf(mailbox: LabelId, labels: Iterable<LabelId>, behavior: ExpungeBehavior): Fate {
  const fixed = fixedFate(mailbox)
  if (fixed !== undefined) return fixed
  const stays = [...labels].some((label) => label !== mailbox && label !== allMail && !isGuess(label))
  if (stays || behavior === 'archive') return 'unlabel'
  return behavior === 'trash' ? 'trash' : 'delete'
}

function fixedFate(mailbox: LabelId): Fate | undefined {
  switch (mailbox) {
    case systemLabel.trash:
    case systemLabel.spam:
      return 'delete'
    case allMail:
    case systemLabel.sent:
      return 'trash'
    case systemLabel.draft:
      return 'discard'
    case systemLabel.starred:
    case systemLabel.important:
      return 'unlabel'
    default:
      return mailbox.startsWith('CATEGORY_') ? 'unlabel' : undefined
  }
}
