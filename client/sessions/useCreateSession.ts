import { useMutation } from '@apollo/client/react';
import { useRef } from 'react';
import { useNavigate } from 'react-router';
import { explainError, problemIn } from '../apollo/explain-error.ts';
import { newMutationId } from '../apollo/mutation-id.ts';
import { graphql } from '../gql/gql.ts';
import { useToast } from '../ui/Toast.tsx';
import { SESSION_LISTS } from './useChangeSession.ts';

const CreateSessionMutation = graphql(`
  mutation CreateSession($input: CreateChatSessionInput!) {
    createChatSession(input: $input) {
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

/** Begins a chat and opens it. */
export function useCreateSession(projectId: string) {
  const toast = useToast();
  const navigate = useNavigate();
  const [create, { loading }] = useMutation(CreateSessionMutation, { refetchQueries: SESSION_LISTS });
  /** Kept while the answer is unknown: trying again then makes no second chat. */
  const attempt = useRef<string | null>(null);

  const createSession = async () => {
    if (loading) return;
    attempt.current ??= newMutationId();
    try {
      const input = { projectId, title: 'New chat', clientMutationId: attempt.current };
      const { data } = await create({ variables: { input } });
      attempt.current = null;
      const result = data?.createChatSession;
      if (result?.__typename === 'ChatSession') return navigate(`/projects/${projectId}/chats/${result.id}`);
      const problem = problemIn(result);
      if (problem) toast({ text: problem.message, isProblem: true });
    } catch (error) {
      toast({ text: `No chat was made. ${explainError(error)}`, isProblem: true });
    }
  };

  return { createSession, isCreating: loading };
}
