export type FileChangeKind = 'added' | 'modified' | 'deleted' | 'renamed' | 'type-changed';

export interface FileChange {
  path: string;
  oldPath: string | null;
  kind: FileChangeKind;
  additions: number;
  deletions: number;
  isBinary: boolean;
}
