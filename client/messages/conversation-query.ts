import { graphql } from '../gql/gql.ts';

/** A session as of `lastSeq`, with the end of what was said in it. Events go on from there. */
export const ConversationQuery = graphql(`
  query Conversation($id: ID!) {
    viewer {
      id
      server {
        sandbox {
          available
          isUnsafe
        }
      }
    }
    chatSession(id: $id) {
      id
      title
      branch
      baseBranch
      status
      deletedAt
      unreadCount
      lastSeq
      agent {
        id
        name
        hasModel
      }
      workspace {
        status
        message
        headSha
      }
      ...WorkspaceNotice_session
      latestRun {
        id
        ...Run_run @unmask
      }
      messages(last: 50) {
        nodes {
          id
          number
          run {
            id
            ...Run_run @unmask
          }
          ...MessageItem_message
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
      queuedMessages {
        id
        ...MessageItem_message
      }
    }
  }
`);

export const EarlierMessagesQuery = graphql(`
  query EarlierMessages($id: ID!, $before: String!) {
    chatSession(id: $id) {
      id
      messages(last: 50, before: $before) {
        nodes {
          id
          number
          run {
            id
            ...Run_run @unmask
          }
          ...MessageItem_message
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
    }
  }
`);

export const ChatSessionEventsSubscription = graphql(`
  subscription ChatSessionEvents($chatSessionId: ID!, $after: Int!) {
    chatSessionEvents(chatSessionId: $chatSessionId, after: $after) {
      __typename
      seq
      ... on MessageAdded {
        message {
          id
          ...MessageItem_message @unmask
        }
      }
      ... on MessageUpdated {
        message {
          id
          number
          status
          text
        }
      }
      ... on MessageRemoved {
        messageId
      }
      ... on PartAdded {
        messageId
        part {
          ...MessagePart_part @unmask
        }
      }
      ... on PartUpdated {
        messageId
        part {
          ...MessagePart_part @unmask
        }
      }
      ... on TextAppended {
        messageId
        position
        offset
        text
      }
      ... on ConversationRewound {
        removed {
          from
          to
        }
        messageCount
      }
      ... on ConversationRestored {
        messageCount
      }
      ... on RunUpdated {
        run {
          id
          ...Run_run @unmask
        }
      }
    }
  }
`);
