/** A path whose last part is read first. */
export function PathName({ path }: { path: string }) {
  const slash = path.lastIndexOf('/') + 1;
  return (
    <span className="flex min-w-0 flex-1 font-mono text-code">
      <span className="truncate text-third">{path.slice(0, slash)}</span>
      <span className="max-w-full shrink-0 truncate">{path.slice(slash)}</span>
    </span>
  );
}
