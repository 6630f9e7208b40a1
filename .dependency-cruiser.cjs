/** Who may know whom: the rules of ARCHITECTURE.md, proven by `npm run lint`. Read through swc, imports of types count as imports. */
const domains = '^api/(projects|sessions|messages|runs|users|auth|runner|pull-requests|files|branch-status)/';

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Nothing runs in a circle.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'client-knows-no-api',
      comment: 'The two sides know each other by schema.graphql alone; whole journeys start the real server.',
      severity: 'error',
      from: { path: '^client/', pathNot: '^client/test/browser/' },
      to: { path: '^api/' },
    },
    {
      name: 'api-knows-no-client',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^client/' },
    },
    {
      name: 'features-stand-alone',
      comment: 'A feature of the client never imports another one; a page joins them.',
      severity: 'error',
      from: { path: '^client/(projects|sessions|messages|workspaces|pull-requests|settings|auth)/' },
      to: {
        path: '^client/(projects|sessions|messages|workspaces|pull-requests|settings|auth|pages)/',
        pathNot: '^client/$1/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'ui-knows-no-feature',
      severity: 'error',
      from: { path: '^client/ui/' },
      to: { path: '^client/(projects|sessions|messages|workspaces|pull-requests|settings|auth|pages|apollo|gql)/' },
    },
    {
      name: 'ground-knows-no-domain',
      comment: 'Query limits, database, events and git are below the domains.',
      severity: 'error',
      from: { path: '^api/(graphql|events|git|sandbox|config)', pathNot: '\\.test\\.ts$' },
      to: { path: domains, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'service-knows-no-request',
      comment: 'Rules do not depend on how somebody asked.',
      severity: 'error',
      from: { path: '\\.service\\.ts$' },
      to: { path: '\\.resolver\\.ts$|^api/context\\.ts$|^api/http/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-door-to-git',
      comment: 'nodegit is loaded in the git child processes only.',
      severity: 'error',
      from: { pathNot: '^api/git/' },
      to: { path: '^nodegit$|node_modules/nodegit' },
    },
    {
      name: 'product-knows-no-test',
      severity: 'error',
      from: { pathNot: '\\.test\\.tsx?$|^(api|client)/test/' },
      to: { path: '^(api|client)/test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|client/gql)/' },
    tsPreCompilationDeps: true,
    moduleSystems: ['es6'],
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'], mainFields: ['module', 'main'] },
  },
};
