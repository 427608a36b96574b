/** The parts of Gmail's resources that the checks look at, as they are on the wire. Fact sheet section 2. */
export interface Message {
  id: string
  threadId: string
  labelIds?: string[]
  snippet?: string
  historyId?: string
  internalDate?: string
  sizeEstimate?: number
  payload?: Part
  raw?: string
}

export interface Part {
  partId?: string
  mimeType?: string
  filename?: string
  headers?: { name: string; value: string }[]
  body?: { size?: number; data?: string; attachmentId?: string }
  parts?: Part[]
}

export interface MessagePage {
  messages?: Message[]
  nextPageToken?: string
  resultSizeEstimate?: number
}

export interface Thread {
  id: string
  snippet?: string
  historyId?: string
  messages?: Message[]
}

export interface Label {
  id: string
  name: string
  type: string
  messageListVisibility?: string
  labelListVisibility?: string
  messagesTotal?: number
  messagesUnread?: number
  threadsTotal?: number
  threadsUnread?: number
}

export interface Draft {
  id: string
  message: Message
}

export interface HistoryRecord {
  id: string
  messages?: Message[]
  messagesAdded?: { message: Message }[]
  messagesDeleted?: { message: Message }[]
  labelsAdded?: { message: Message; labelIds: string[] }[]
  labelsRemoved?: { message: Message; labelIds: string[] }[]
}

export interface HistoryPage {
  history?: HistoryRecord[]
  nextPageToken?: string
  historyId: string
}

export interface Profile {
  emailAddress: string
  messagesTotal: number
  threadsTotal: number
  historyId: string
}
