import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { explainError, problemIn, type UserProblem } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { CreateProjectInput } from '../gql/graphql.ts';

const CreateProjectMutation = graphql(`
  mutation CreateProject($input: CreateProjectInput!) {
    createProject(input: $input) {
      __typename
      ... on Project {
        id
        name
        status
      }
      ... on UserError {
        message
      }
      ... on InvalidInput {
        field
      }
    }
  }
`);

/** Adds a project and tells its id, or remembers why there is none. */
export function useCreateProject(onCreated: (projectId: string) => void) {
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [create, { loading }] = useMutation(CreateProjectMutation, { refetchQueries: ['ProjectNames'] });

  const createProject = async (input: CreateProjectInput) => {
    setProblem(null);
    try {
      const { data } = await create({ variables: { input } });
      const result = data?.createProject;
      if (result?.__typename === 'Project') onCreated(result.id);
      else setProblem(problemIn(result));
    } catch (error) {
      setProblem({ message: explainError(error), field: null });
    }
  };

  return { createProject, problem, forgetProblem: () => setProblem(null), isBusy: loading };
}
