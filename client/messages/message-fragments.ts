import { graphql } from '../gql/gql.ts';

/** Parts have no id, so the cache keeps them inside their message, and whoever reads the message reads them. */
graphql(`
  fragment MessagePart_part on MessagePart {
    __typename
    position
    ... on TextPart {
      text
    }
    ... on ReasoningPart {
      text
    }
    ... on ToolCallPart {
      toolCallId
      title
      kind
      status
      output
      outputTruncated
      paths
      exitCode
      durationMs
    }
    ... on PlanPart {
      entries {
        text
        status
        priority
      }
    }
    ... on CommitPart {
      sha
      title
      branch
      additions
      deletions
      skippedPaths
      files {
        path
        oldPath
        kind
        additions
        deletions
        isBinary
      }
    }
    ... on NoticePart {
      level
      code
      text
    }
  }
`);

export const RunFragment = graphql(`
  fragment Run_run on Run {
    id
    status
    canRetry
    errorCode
    errorMessage
    createdAt
    startedAt
    finishedAt
  }
`);

export const MessageFragment = graphql(`
  fragment MessageItem_message on Message {
    id
    number
    role
    status
    createdAt
    author {
      id
      name
    }
    run {
      id
      ...Run_run @unmask
    }
    parts {
      ...MessagePart_part @unmask
    }
  }
`);
