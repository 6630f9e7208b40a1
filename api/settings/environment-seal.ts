import type { SealContext } from '../secrets/keyring.ts';
import type { SealedColumn } from '../secrets/open-keyring.ts';

/** The value of a variable is sealed for its project and name. */
export function environmentSeal(projectId: number, name: string): SealContext {
  return ['environment_variables', 'sealed_value', `${projectId}/${name}`];
}

export const environmentSealedColumn: SealedColumn = {
  table: 'environment_variables',
  column: 'sealed_value',
  row: "project_id || '/' || name",
};
