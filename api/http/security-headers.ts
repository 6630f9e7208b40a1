import type { FastifyReply } from 'fastify';

const POLICY = {
  'default-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'object-src': "'none'",
  'script-src': "'self'",
  // Menus, dialogs and the editor place style elements of their own; nothing of a conversation becomes a style.
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data: blob:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
};

const written = (policy: Record<string, string>) =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');

const FOR_THE_APP = written(POLICY);

/** Its editor starts workers from blobs. */
const FOR_GRAPHIQL = written({ ...POLICY, 'worker-src': "'self' blob:" });

export function setSecurityHeaders(reply: FastifyReply, path: string): void {
  reply.headers({
    'content-security-policy': path.startsWith('/graphiql') ? FOR_GRAPHIQL : FOR_THE_APP,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
  });
}
