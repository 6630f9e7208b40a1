import { useMutation } from '@apollo/client/react';
import { useCallback, useRef } from 'react';
import { useNavigate, useParams } from 'react-router';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { newMutationId } from '../apollo/mutation-id.ts';
import { graphql } from '../gql/gql.ts';
import { useToast } from '../ui/Toast.tsx';
import { SESSION_LISTS } from './useChangeSession.ts';

const DuplicateSessionMutation = graphql(`
  mutation DuplicateSession($input: DuplicateChatSessionInput!) {
    duplicateChatSession(input: $input) {
      __typename
      ... on ChatSession {
        id
        ...SessionItem_session
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** Copies a session, up to a message or as it is now, and opens the copy. */
export function useDuplicateSession(chatSessionId: string) {
  const toast = useToast();
  const navigate = useNavigate();
  const { projectId } = useParams();
  const [duplicate] = useMutation(DuplicateSessionMutation, { refetchQueries: SESSION_LISTS });
  /** Kept while the answer is unknown: trying again then makes no second copy. */
  const attempts = useRef(new Map<string, string>());

  return useCallback(
    async (upToMessageId: string | null = null) => {
      const name = upToMessageId ?? '';
      const clientMutationId = attempts.current.get(name) ?? newMutationId();
      attempts.current.set(name, clientMutationId);
      try {
        const { data } = await duplicate({ variables: { input: { chatSessionId, upToMessageId, clientMutationId } } });
        attempts.current.delete(name);
        const copy = data?.duplicateChatSession;
        if (copy?.__typename === 'ChatSession') return void navigate(`/projects/${projectId}/chats/${copy.id}`);
        const problem = problemIn(copy);
        if (problem) toast({ text: problem.message, isProblem: true });
      } catch (error) {
        toast({ text: `No copy was made. ${explainError(error)}`, isProblem: true });
      }
    },
    [chatSessionId, duplicate, navigate, projectId, toast],
  );
}
