import { useMutation } from '@apollo/client/react';
import { explainError, problemIn, type UserProblem } from '../apollo/explain-error.ts';
import { graphql } from '../gql/gql.ts';
import type { SetEnvironmentVariableInput } from '../gql/graphql.ts';
import { useToast } from '../ui/Toast.tsx';

graphql(`
  fragment EnvironmentVariable_variable on EnvironmentVariable {
    id
    name
    value
    isSecret
    scopes
    updatedAt
  }
`);

const SetVariableMutation = graphql(`
  mutation SetEnvironmentVariable($input: SetEnvironmentVariableInput!) {
    setEnvironmentVariable(input: $input) {
      __typename
      ... on EnvironmentVariable {
        id
        ...EnvironmentVariable_variable @unmask
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

const DeleteVariableMutation = graphql(`
  mutation DeleteEnvironmentVariable($projectId: ID!, $name: String!) {
    deleteEnvironmentVariable(projectId: $projectId, name: $name) {
      __typename
      ... on DeleteEnvironmentVariableSuccess {
        name
      }
      ... on UserError {
        message
      }
    }
  }
`);

const ImportVariablesMutation = graphql(`
  mutation ImportEnvironmentVariables($input: ImportEnvironmentVariablesInput!) {
    importEnvironmentVariables(input: $input) {
      __typename
      ... on ImportEnvironmentVariablesSuccess {
        variables {
          id
          name
        }
        refusedLines {
          line
          name
          reason
        }
      }
      ... on UserError {
        message
      }
    }
  }
`);

/** Changes to the environment variables of a project. */
export function useEnvironment(projectId: string) {
  const toast = useToast();
  const options = { refetchQueries: ['ProjectEnvironment'], awaitRefetchQueries: true };
  const [setVariable, { loading: isSetting }] = useMutation(SetVariableMutation, options);
  const [deleteVariable, { loading: isDeleting }] = useMutation(DeleteVariableMutation, options);
  const [importVariables, { loading: isImporting }] = useMutation(ImportVariablesMutation, options);

  return {
    isBusy: isSetting || isDeleting || isImporting,
    /** Null when it is set; otherwise what is wrong with what was given. */
    set: async (input: Omit<SetEnvironmentVariableInput, 'projectId'>): Promise<UserProblem | null> => {
      try {
        const { data } = await setVariable({ variables: { input: { projectId, ...input } } });
        return problemIn(data?.setEnvironmentVariable);
      } catch (error) {
        return { message: explainError(error), field: null };
      }
    },
    /** True when it is gone; otherwise the person has been told why it is not. */
    remove: async (name: string): Promise<boolean> => {
      try {
        const { data } = await deleteVariable({ variables: { projectId, name } });
        const problem = problemIn(data?.deleteEnvironmentVariable);
        if (problem) toast({ text: problem.message, isProblem: true });
        return !problem;
      } catch (error) {
        toast({ text: `Nothing was deleted. ${explainError(error)}`, isProblem: true });
        return false;
      }
    },
    /** What was set and which lines were refused, or what is wrong with the whole. */
    importText: async (text: string, isSecret: boolean) => {
      try {
        const { data } = await importVariables({ variables: { input: { projectId, text, isSecret } } });
        const result = data?.importEnvironmentVariables;
        if (result?.__typename === 'ImportEnvironmentVariablesSuccess') return result;
        return problemIn(result) ?? { message: 'Nothing was read.', field: null };
      } catch (error) {
        return { message: explainError(error), field: null };
      }
    },
  };
}
