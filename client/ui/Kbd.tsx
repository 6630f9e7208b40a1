/** The key that does the same as what it stands beside. */
export function Kbd({ children }: { children: string }) {
  return (
    <kbd
      aria-hidden
      className="inline-flex h-[19px] pointer-coarse:hidden min-w-[19px] items-center justify-center rounded-[5px] border border-line bg-card px-1 font-sans text-[11px] text-third"
    >
      {children}
    </kbd>
  );
}
