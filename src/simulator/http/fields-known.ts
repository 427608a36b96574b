/**
 * Every name of a field in the resources that this simulator answers with: lists, messages, threads, labels, drafts,
 * history, profile, watch and settings. Fact sheet section 2 and discovery document.
 */
export const knownFields: ReadonlySet<string> = new Set(
  (
    'accessWindow attachmentId autoExpunge backgroundColor body classificationLabelValues color data disposition drafts ' +
    'displayName emailAddress enabled expiration expungeBehavior fieldId fields filename headers history historyId host ' +
    'id internalDate isDefault isPrimary labelId labelIds labelListVisibility labels labelsAdded labelsRemoved ' +
    'maxFolderSize message messageListVisibility messages messagesAdded messagesDeleted messagesTotal messagesUnread ' +
    'mimeType name nextPageToken partId parts password payload port raw replyToAddress resultSizeEstimate securityMode ' +
    'selection sendAs sendAsEmail signature size sizeEstimate smtpMsa snippet textColor threadId threads threadsTotal ' +
    'threadsUnread treatAsAlias type username value verificationStatus'
  ).split(' '),
)
