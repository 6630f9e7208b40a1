import type { FragmentType } from '@apollo/client';
import { useFragment } from '@apollo/client/react';
import { graphql } from '../gql/gql.ts';
import type { SandboxBanner_ViewerFragment } from '../gql/graphql.ts';
import { Banner } from '../ui/Banner.tsx';

export const SandboxBannerFragment = graphql(`
  fragment SandboxBanner_viewer on Viewer {
    id
    server {
      sandbox {
        available
        isUnsafe
        message
      }
    }
  }
`);

/** Cannot be closed: while agents run unprotected, everybody is to see it on every page. */
export function SandboxBanner({ viewer }: { viewer: FragmentType<SandboxBanner_ViewerFragment> }) {
  const { data, complete } = useFragment({ fragment: SandboxBannerFragment, from: viewer });
  if (!complete) return null;
  const { available, isUnsafe, message } = data.server.sandbox;
  if (isUnsafe) {
    return (
      <Banner tone="danger">
        <strong className="font-semibold">No sandbox.</strong> Agents run with all the rights of the server. Only use
        this with repositories and agents you trust completely.
      </Banner>
    );
  }
  if (available) return null;
  return (
    <Banner tone="warning">
      <strong className="font-semibold">Agents cannot run here yet.</strong> {message}
    </Banner>
  );
}
