import { useQuery } from '@apollo/client/react';
import { graphql } from '../gql/gql.ts';

const ProjectNamesQuery = graphql(`
  query ProjectNames {
    projects(first: 100) {
      nodes {
        id
        name
        defaultBranch
        ...ProjectCard_project
      }
      totalCount
    }
  }
`);

/** All projects, for the list and the switcher. */
export function useProjects() {
  const { data, error, refetch } = useQuery(ProjectNamesQuery, { fetchPolicy: 'cache-and-network' });
  return { projects: data?.projects.nodes, error, refetch };
}
