import { Logo } from '../ui/Logo.tsx';

/** What is shown to somebody who is not signed in. */
export function SignInPage() {
  return (
    <main className="flex min-h-full flex-col items-center justify-center px-6 py-10">
      <div className="w-full max-w-[25rem]">
        <Logo size={36} />
        <h1 className="mt-5 text-title font-semibold">Open your sign-in link</h1>
        <p className="mt-2 text-read text-second">
          Kosuke printed a link in the terminal where it was started. Open it in this browser, and you are signed in.
        </p>
        <pre className="mt-4 overflow-x-auto rounded-card border border-line bg-card px-3.5 py-3 font-mono text-code text-second">
          {`${location.origin}/sign-in?token=…`}
        </pre>
        <p className="mt-4 text-control text-third">
          Each link works once. For a new one, start Kosuke again with{' '}
          <code className="font-mono text-code">npm start</code>.
        </p>
      </div>
    </main>
  );
}
