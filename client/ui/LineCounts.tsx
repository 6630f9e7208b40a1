/** Lines added and removed. */
export function LineCounts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className="flex shrink-0 gap-1.5 text-code tabular-nums">
      {(additions > 0 || deletions === 0) && (
        <span className="text-add">
          <span aria-hidden>+{additions}</span>
          <span className="sr-only">{additions} lines added</span>
        </span>
      )}
      {deletions > 0 && (
        <span className="text-del">
          <span aria-hidden>−{deletions}</span>
          <span className="sr-only">{deletions} lines removed</span>
        </span>
      )}
    </span>
  );
}
