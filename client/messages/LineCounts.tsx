/** Lines added and removed. */
export function LineCounts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className="flex shrink-0 gap-1.5 text-code tabular-nums">
      <span className="text-add">
        <span aria-hidden>+{additions}</span>
        <span className="sr-only">{additions} lines added,</span>
      </span>
      <span className="text-del">
        <span aria-hidden>−{deletions}</span>
        <span className="sr-only">{deletions} removed</span>
      </span>
    </span>
  );
}
