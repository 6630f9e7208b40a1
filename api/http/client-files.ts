import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Where the build puts the client. The build of this file lies in dist/api/http, its source in api/http. */
export const CLIENT_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/client' : '../../client', import.meta.url),
);

/** Never answered with the page of the client. */
const NOT_PAGES = ['/assets/', '/graphql', '/healthz', '/sign-in'];

const NOT_BUILT = 'The pages of Kosuke are not built. Run `npm run build`, or `npm start`, which does it.';

/** The client's files; every other address is a page of the client, which finds out itself what to show. */
export async function serveClient(http: FastifyInstance, folder: string): Promise<void> {
  if (existsSync(folder)) {
    await http.register(fastifyStatic, {
      root: folder,
      index: 'index.html',
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(join(folder, 'assets') + sep);
        reply.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  http.get('/graphiql', (_, reply) => {
    if (existsSync(join(folder, 'graphiql.html'))) return reply.sendFile('graphiql.html');
    return reply.code(404).type('text/plain; charset=utf-8').send(NOT_BUILT);
  });
  http.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const isPage = ['GET', 'HEAD'].includes(request.method) && !NOT_PAGES.some((start) => path.startsWith(start));
    if (isPage && existsSync(join(folder, 'index.html'))) return reply.sendFile('index.html');
    return reply
      .code(404)
      .type('text/plain; charset=utf-8')
      .send(isPage ? NOT_BUILT : 'Not found.');
  });
}
